//! A vendor's initials on its colour.

use leptos::prelude::*;

/// Says nothing to screen readers: the name stands beside it. The colour is an SVG attribute, because the
/// `Content-Security-Policy` forbids inline styles.
#[component]
pub(crate) fn VendorBadge(
    /// `#rrggbb`.
    color: String,
    /// One to three letters.
    initials: String,
) -> impl IntoView {
    let ink = if is_light(&color) { "#10151f" } else { "#ffffff" };
    view! {
        <svg class="vendor-badge" viewBox="0 0 44 44" width="44" height="44" aria-hidden="true" focusable="false">
            <rect width="44" height="44" rx="10" fill=color></rect>
            <text class="vendor-badge__initials" x="22" y="22" fill=ink text-anchor="middle" dominant-baseline="central">
                {initials}
            </text>
        </svg>
    }
}

/// Dark ink is the more readable one on it (WCAG 2.2, relative luminance above 0.179).
fn is_light(color: &str) -> bool {
    let channel = |from: usize| {
        let byte = color.get(from..from + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        let value = f32::from(byte) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) > 0.179
}

#[cfg(test)]
mod tests {
    use super::is_light;

    #[test]
    fn ink_contrasts_with_the_colour() {
        assert!(is_light("#ffffff") && is_light("#ffcc00"));
        assert!(!is_light("#000000") && !is_light("#1f4e9e") && !is_light("nonsense"));
    }
}
