//! The style sheet: `style/main.css` with everything it imports, as one small file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use lightningcss::printer::{Printer, PrinterOptions};
use lightningcss::rules::CssRule;
use lightningcss::rules::import::ImportRule;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, StyleSheet};
use lightningcss::targets::{Browsers, Targets};
use lightningcss::traits::ToCss;

use crate::stamp::{Inputs, unless_current};
use crate::{step, workspace};

/// Bundles and minifies the style sheet into `work/style.css`, unless it is up to date there.
pub(crate) fn build(main: &Path, work: &Path) -> Result<PathBuf> {
    let bundled = bundle(main)?;
    let mut inputs = Inputs::of_this_program()?;
    inputs.add("bundle", bundled.as_bytes());
    let output = work.join("style.css");
    unless_current(&work.join("style.stamp"), &inputs.stamp(), &[&output], || {
        step::step("styles", || workspace::write(&output, minify(&bundled)?))
    })?;
    Ok(output)
}

/// One text from a style sheet and all that it imports, in cascade order; `layer` and media conditions of an
/// `@import` become blocks (CSS Cascading and Inheritance Level 5, section 2).
fn bundle(main: &Path) -> Result<String> {
    bundle_below(main, &mut Vec::new())
}

fn bundle_below(path: &Path, above: &mut Vec<PathBuf>) -> Result<String> {
    if above.iter().any(|file| file == path) {
        bail!("{} imports itself, by way of {:?}", path.display(), above.last());
    }
    let text = String::from_utf8(workspace::read(path)?)
        .with_context(|| format!("{} is not UTF-8", path.display()))?;
    let sheet = parse(&text, &path.display().to_string())?;
    above.push(path.to_path_buf());
    let mut bundled = String::new();
    for rule in &sheet.rules.0 {
        match rule {
            CssRule::Import(import) => {
                let imported = path.with_file_name(import.url.as_ref());
                let content = bundle_below(&imported, above)
                    .with_context(|| format!("imported at {}:{}", path.display(), import.loc.line + 1))?;
                bundled.push_str(&in_its_conditions(import, content)?);
            }
            other => bundled.push_str(&print(other)?),
        }
        bundled.push('\n');
    }
    above.pop();
    Ok(bundled)
}

fn in_its_conditions(import: &ImportRule<'_>, content: String) -> Result<String> {
    if import.supports.is_some() {
        bail!(
            "`@import \"{}\" supports(..)` is not known to xtask: write @supports inside that file",
            import.url
        );
    }
    let mut wrapped = match &import.layer {
        Some(Some(name)) => format!("@layer {} {{\n{content}}}", print(name)?),
        Some(None) => format!("@layer {{\n{content}}}"),
        None => content,
    };
    if !import.media.always_matches() {
        wrapped = format!("@media {} {{\n{wrapped}}}", print(&import.media)?);
    }
    Ok(wrapped)
}

/// Shortens the whole, for browsers that know nesting and `light-dark()`, so that neither has to be spelled out.
fn minify(css: &str) -> Result<String> {
    let mut sheet = parse(css, "the bundled style sheet")?;
    let targets = Targets::from(modern_browsers());
    sheet
        .minify(MinifyOptions { targets, ..Default::default() })
        .map_err(|error| anyhow!("the style sheet cannot be minified: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions { minify: true, targets, ..Default::default() })
        .map_err(|error| anyhow!("the style sheet cannot be printed: {error}"))?;
    Ok(printed.code)
}

/// Everything since spring 2024 (Baseline 2024: `light-dark()`, nesting, cascade layers, container queries).
fn modern_browsers() -> Browsers {
    let version = |major: u32, minor: u32| Some((major << 16) | (minor << 8));
    Browsers {
        chrome: version(123, 0),
        edge: version(123, 0),
        firefox: version(120, 0),
        safari: version(17, 5),
        ios_saf: version(17, 5),
        ..Browsers::default()
    }
}

fn parse<'i>(css: &'i str, name: &str) -> Result<StyleSheet<'i>> {
    let options = ParserOptions { filename: name.to_owned(), ..ParserOptions::default() };
    StyleSheet::parse(css, options).map_err(|error| match &error.loc {
        // Lightning CSS counts lines from zero.
        Some(at) => anyhow!("{}:{}:{}: {}", at.filename, at.line + 1, at.column, error.kind),
        None => anyhow!("{name}: {}", error.kind),
    })
}

fn print(part: &impl ToCss) -> Result<String> {
    let mut text = String::new();
    part.to_css(&mut Printer::new(&mut text, PrinterOptions::default()))
        .map_err(|error| anyhow!("the style sheet cannot be printed: {error}"))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(files: &[(&str, &str)]) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        for (name, css) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, css).unwrap();
        }
        let work = dir.path().join("work");
        std::fs::create_dir_all(&work).unwrap();
        let output = build(&dir.path().join("main.css"), &work)?;
        Ok(std::fs::read_to_string(output).unwrap())
    }

    #[test]
    fn imports_are_inlined_in_order_with_their_layers_and_media() {
        let css = built(&[
            ("main.css", "@layer parts, base;\n@import './base.css' layer(base);\n@import 'parts/card.css' layer(parts);\n@import 'print.css' print;"),
            ("base.css", "body { margin: 0px; }"),
            ("parts/card.css", "@import 'corner.css';\n.card { color: red; &:hover { color: light-dark(#000, #fff); } }"),
            ("parts/corner.css", ".corner { top: 0 }"),
            ("print.css", "nav { display: none }"),
        ])
        .unwrap();
        assert_eq!(
            css,
            "@layer parts{.corner{top:0}.card{color:red;&:hover{color:light-dark(#000,#fff)}}}\
             @layer base{body{margin:0}}@media print{nav{display:none}}"
        );
    }

    #[test]
    fn a_missing_import_names_both_files() {
        let error = built(&[("main.css", "\n@import 'gone.css';")]).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("main.css:2") && text.contains("gone.css"), "{text}");
    }

    #[test]
    fn a_circle_of_imports_is_refused() {
        let error = built(&[("main.css", "@import 'a.css';"), ("a.css", "@import 'main.css';")]).unwrap_err();
        assert!(format!("{error:#}").contains("imports itself"));
    }

    #[test]
    fn a_syntax_error_names_file_and_line() {
        let error = built(&[("main.css", "@import 'a.css';"), ("a.css", "p {}\n} q {")]).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("a.css:2"), "{text}");
    }
}
