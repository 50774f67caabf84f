//! JSON in the browser, read by the browser's own parser: a parser in WebAssembly would be 10 KB more to load.

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// What `text` says; `None` if it is no JSON, or not of this form.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    convert(js_sys::JSON::parse(text).ok()?)
}

/// What is parsed already.
pub(crate) fn convert<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(value).ok()
}

/// An object whose fields are read one by one, because reading each kind of data has its price in WebAssembly.
#[cfg(feature = "hydrate")]
pub(crate) struct Fields(JsValue);

#[cfg(feature = "hydrate")]
impl Fields {
    /// Those of the field `name` of `object`.
    pub(crate) fn of(object: &JsValue, name: &str) -> Self {
        // Fails only for what is no object, and that has no fields.
        Self(js_sys::Reflect::get(object, &name.into()).unwrap_or_default())
    }

    /// A field; absent also if it is not of this form.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        convert::<Option<T>>(Self::of(&self.0, name).0).flatten()
    }
}
