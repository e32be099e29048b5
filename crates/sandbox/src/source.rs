//! Which modules a source directory holds.

use std::path::Path;

/// Whether the dotted module is a Python file or a package under `source`, also after its links
/// are followed. Nothing of it is run.
pub fn has_module(source: &Path, module: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let Ok(root) = source.canonicalize() else {
        return false;
    };
    if !module.split('.').all(plain) {
        return false;
    }
    let folder = module
        .split('.')
        .fold(root.clone(), |at, part| at.join(part));
    [folder.with_extension("py"), folder.join("__init__.py")]
        .iter()
        .filter_map(|file| file.canonicalize().ok())
        .any(|file| file.is_file() && file.starts_with(&root))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_files_of_the_source_are_its_modules() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source");
        fs::create_dir_all(source.join("shop/plain")).unwrap();
        for file in [
            "shop/__init__.py",
            "shop/cart.py",
            "shop/plain/x.py",
            "../other.py",
        ] {
            fs::write(source.join(file), "").unwrap();
        }
        symlink(dir.path().join("other.py"), source.join("linked.py")).unwrap();
        for good in ["shop", "shop.cart", "shop.plain.x"] {
            assert!(has_module(&source, good), "{good}");
        }
        for bad in [
            "os",
            "builtins",
            "shop.os",
            "shop.plain",
            "other",
            "linked",
            "..other",
            "",
            "shop/cart",
        ] {
            assert!(!has_module(&source, bad), "{bad}");
        }
    }
}
