//! Names of modules: the last part of a path, where it is technical, and a number where it is not.

use crate::limits::MODULE_NAME_BYTES_MAX;

/// What precedes the name of a person in a path.
const HOMES: [&str; 4] = ["home", "users", "documents and settings", "profiles"];
/// Variables whose value names a person or a machine.
const PERSONAL: [&str; 9] = [
    "USER",
    "LOGNAME",
    "USERNAME",
    "SUDO_USER",
    "HOSTNAME",
    "HOST",
    "COMPUTERNAME",
    "USERDOMAIN",
    "HOME",
];
/// Accounts that are nobody's: a module may be called so.
const NOBODY: [&str; 14] = [
    "root",
    "user",
    "users",
    "app",
    "admin",
    "build",
    "builder",
    "runner",
    "ubuntu",
    "debian",
    "public",
    "default",
    "shared",
    "localhost",
];
/// Shortest name of a person that is looked for within others.
const PERSON_BYTES_MIN: usize = 3;
/// Names of persons that are looked for.
const PERSONS_COUNT_MAX: usize = 64;

/// Tells technical names from personal ones, by what the dump says of its user.
#[derive(Debug, Default)]
pub(crate) struct Names {
    persons: Vec<String>,
}

impl Names {
    /// From the paths of modules and the variables of the environment.
    pub(crate) fn new<'p>(
        paths: impl IntoIterator<Item = &'p str>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut names = Self::default();
        for path in paths {
            names.learn_path(path);
        }
        for (name, value) in variables {
            if PERSONAL.contains(&name.as_str()) {
                names.learn(last_part(&value));
            }
        }
        names
    }

    fn learn_path(&mut self, path: &str) {
        let parts: Vec<&str> = path.split(['/', '\\']).collect();
        for pair in parts.windows(2) {
            if let [home, person] = pair
                && HOMES.contains(&home.to_ascii_lowercase().as_str())
            {
                self.learn(person);
            }
        }
    }

    fn learn(&mut self, person: &str) {
        // Of `host.domain` the host: a module is not called by both.
        let person = person.split('.').next().unwrap_or(person).to_lowercase();
        let is_new = !NOBODY.contains(&person.as_str()) && !self.persons.contains(&person);
        let fits = (PERSON_BYTES_MIN..=MODULE_NAME_BYTES_MAX).contains(&person.len());
        if is_new && fits && self.persons.len() < PERSONS_COUNT_MAX {
            self.persons.push(person);
        }
    }

    /// The name of the module at that place in the list.
    pub(crate) fn module(&self, path: &str, index: usize) -> String {
        let name = last_part(path.trim_end_matches('\0')).trim();
        let lower = name.to_lowercase();
        let is_personal = self.persons.iter().any(|person| lower.contains(person));
        if is_technical(name) && !is_personal {
            name.to_owned()
        } else {
            numbered(index)
        }
    }
}

/// What a module is called whose name is not told.
pub(crate) fn numbered(index: usize) -> String {
    format!("module-{index}")
}

/// What stands behind the last separator of either kind.
pub(crate) fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn is_technical(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+- []".contains(&byte);
    (1..=MODULE_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_named_after_its_user_is_numbered() {
        let paths = ["/home/ada/bin/ada-tool", "C:\\Users\\Grace H\\x.dll"];
        let variables = [("HOSTNAME".to_owned(), "tulip7.example.org".to_owned())];
        let names = Names::new(paths, variables);
        for (path, want) in [
            ("/usr/lib/libc.so.6", "libc.so.6"),
            ("C:\\Windows\\System32\\ntdll.dll", "ntdll.dll"),
            ("[vdso]", "[vdso]"),
            ("Google Chrome Framework", "Google Chrome Framework"),
            ("/home/ada/bin/ada-tool", "module-7"),
            ("/opt/Tulip7Agent", "module-7"),
            ("c:\\grace h.exe", "module-7"),
            ("/tmp/a\u{e9}", "module-7"),
            ("/x/ann@example.org", "module-7"),
            ("", "module-7"),
        ] {
            assert_eq!(names.module(path, 7), want, "{path}");
        }
        let again = names.module("module-7", 7);
        assert_eq!(again, "module-7");
    }
}
