//! File paths of frames: machine-specific roots go, the project's own part stays.

/// A path without its machine-specific root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Located {
    /// Relative to the project or to the library's root, with `/`.
    pub file: String,
    /// Whether it lies in an installed library or the runtime.
    pub library: bool,
}

/// What precedes the part of an installed library's path that stays.
const LIBRARY_MARKS: [&str; 27] = [
    "/spark/python/",
    "/site-packages/",
    "/dist-packages/",
    "/node_modules/",
    "/bower_components/",
    "/pkg/mod/",
    "/vendor/",
    "/.cargo/registry/src/",
    "/cargo/registry/src/",
    "/.cargo/git/checkouts/",
    "/usr/local/go/src/",
    "/usr/lib/go/src/",
    "/usr/lib/golang/src/",
    "/libexec/src/",
    "/go/src/runtime/",
    "/lib/go/src/",
    "/lib/rustlib/src/rust/",
    "/Python.framework/",
    "/.pub-cache/hosted/",
    "/bundle/gems/",
    "/gems/",
    "/lib/ruby/",
    "/.nuget/packages/",
    "/usr/share/php/",
    "/usr/include/",
    "/.m2/repository/",
    "/Program Files/Go/src/",
];

/// Roots under which a deployed project lies directly.
const PROJECT_ROOTS: [&str; 35] = [
    "/opt/spark/work-dir/",
    "/source/",
    "/usr/local/openresty/nginx/",
    "/rails/",
    "/usr/src/app/",
    "/usr/local/app/",
    "/usr/local/src/app/",
    "/usr/share/nginx/html/",
    "/home/app/",
    "/home/node/app/",
    "/home/site/wwwroot/",
    "/home/circleci/project/",
    "/root/project/",
    "/inetpub/wwwroot/",
    "/var/task/",
    "/var/app/current/",
    "/var/www/html/",
    "/var/runtime/",
    "/opt/app/",
    "/opt/build/repo/",
    "/opt/atlassian/pipelines/agent/build/",
    "/srv/app/",
    "/github/workspace/",
    "/vercel/path0/",
    "/vercel/path1/",
    "/go/src/app/",
    "/workspace/",
    "/workspaces/",
    "/app/",
    "/apps/",
    "/code/",
    "/src/",
    "/project/",
    "/build/",
    "/repo/",
];

/// Roots under which one directory per project (or per user, or build) lies.
const CONTAINER_ROOTS: [(&str, usize); 29] = [
    ("/var/lib/jenkins/workspace/", 1),
    ("/var/jenkins_home/workspace/", 1),
    ("/home/jenkins/agent/workspace/", 1),
    ("/home/runner/work/", 2),
    ("/Users/runner/work/", 2),
    ("/home/vsts/work/1/s/", 0),
    ("/home/gitlab-runner/builds/", 4),
    ("/home/", 1),
    ("/Users/", 1),
    ("/users/", 1),
    ("/Documents and Settings/", 1),
    ("/__w/", 2),
    ("/a/1/s/", 0),
    ("/var/www/", 1),
    ("/var/lib/", 1),
    ("/private/tmp/", 1),
    ("/private/var/folders/", 4),
    ("/var/folders/", 4),
    ("/codebuild/output/", 2),
    ("/tmp/", 1),
    ("/root/", 0),
    ("/builds/", 2),
    ("/deploy/", 1),
    ("/srv/", 1),
    ("/opt/", 1),
    ("/mnt/", 1),
    ("/data/", 1),
    ("/snap/", 2),
    ("/nix/store/", 1),
];

/// Directories in a home in which people keep projects.
const NESTS: [&str; 16] = [
    "work",
    "code",
    "dev",
    "projects",
    "project",
    "repos",
    "repo",
    "git",
    "github",
    "workspace",
    "workspaces",
    "documents",
    "desktop",
    "development",
    "sources",
    "source",
];

/// The path of a source file within its project, without the root of the machine it was built on.
pub fn project_file(raw: &str) -> String {
    locate(raw).file
}

/// Reads a path as a frame has it.
pub(crate) fn locate(raw: &str) -> Located {
    let path = plain(raw);
    if let Some((file, mark)) = after_library_mark(&path) {
        return Located {
            file: strip_versions(mark, file),
            library: true,
        };
    }
    let runtime = python_stdlib(&path)
        .or_else(|| go_root(&path))
        .or_else(|| binary(&path));
    if let Some(file) = runtime {
        return Located {
            file,
            library: true,
        };
    }
    if path.starts_with("/rustc/") {
        let file = path.split('/').skip(3).collect::<Vec<_>>().join("/");
        return Located {
            file,
            library: true,
        };
    }
    Located {
        file: strip_root(&path),
        library: false,
    }
}

/// Scheme, host, query, drive letter and backslashes gone.
fn plain(raw: &str) -> String {
    let mut path = raw.trim().replace('\\', "/");
    if let Some((scheme, rest)) = path.split_once("://")
        && scheme.len() <= 20
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    {
        let rest = match scheme {
            // webpack://project/./src/x.js and webpack:///./src/x.js
            "file" | "webpack" | "webpack-internal" | "app" | "rollup" | "turbopack" => {
                rest.strip_prefix('/').map_or(rest, |tail| {
                    if scheme == "file" && !drive(tail) {
                        rest
                    } else {
                        tail
                    }
                })
            }
            _ => rest.split_once('/').map_or("", |(_, tail)| tail),
        };
        path = rest.to_owned();
    }
    if let Some((head, _)) = path.split_once(['?', '#']) {
        path = head.to_owned();
    }
    if drive(&path) {
        path = path.get(2..).unwrap_or_default().to_owned();
        // A build of GitHub's on Windows: `D:/a/shop/shop/`.
        if let Some((project, tail)) = path.strip_prefix("/a/").and_then(|p| p.split_once('/'))
            && let Some(tail) = tail.strip_prefix(project).and_then(|t| t.strip_prefix('/'))
        {
            path = format!("/app/{tail}");
        }
    }
    // Layers of a bundler: `(rsc)/./app/page.tsx`.
    if let Some(inner) = path.strip_prefix('(')
        && let Some((_, tail)) = inner.split_once(")/")
    {
        path = tail.to_owned();
    }
    path.replace("/./", "/").trim_start_matches("./").to_owned()
}

/// Whether the path begins with a Windows drive.
fn drive(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && bytes.next() == Some(b'/')
}

/// The part after the last library mark, and that mark.
fn after_library_mark(path: &str) -> Option<(&str, &'static str)> {
    let rooted_mark = |mark: &'static str| {
        let at = path.rfind(mark).map(|at| at + mark.len());
        let at = at.or_else(|| {
            let bare = mark.strip_prefix('/')?;
            path.starts_with(bare).then_some(bare.len())
        })?;
        Some((at, mark))
    };
    let (at, mark) = LIBRARY_MARKS.into_iter().filter_map(rooted_mark).max()?;
    Some((path.get(at..)?, mark))
}

/// Versions out of a library path: `serde-1.0.1/src` and `x@v1.2.3/y.go`.
fn strip_versions(mark: &str, file: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    if mark.contains(".cargo") && parts.len() > 2 {
        parts.remove(0);
    }
    let strip = |part: &&str| -> String {
        let part = part
            .split_once('@')
            .filter(|(name, _)| !name.is_empty())
            .map_or(*part, |p| p.0);
        match part.rsplit_once('-') {
            Some((name, version))
                if version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.') =>
            {
                name.to_owned()
            }
            _ => part.to_owned(),
        }
    };
    let last = parts.pop().unwrap_or_default();
    let mut out: Vec<String> = parts.iter().map(strip).collect();
    out.push(last.to_owned());
    out.join("/")
}

/// The part of a path in the sources of Go itself: `/usr/lib/go-1.22/src/net/http/server.go`.
fn go_root(path: &str) -> Option<String> {
    path.match_indices("/src/").find_map(|(at, mark)| {
        let root = path.get(..at)?.rsplit('/').next()?;
        let version = root
            .strip_prefix("go-")
            .or_else(|| root.strip_prefix("go"))?;
        let versioned = version.starts_with(|c: char| c.is_ascii_digit());
        versioned.then(|| path.get(at + mark.len()..).map(str::to_owned))?
    })
}

/// A script that an installer wrote: `/usr/local/bin/gunicorn`.
fn binary(path: &str) -> Option<String> {
    let (directory, name) = path.rsplit_once('/')?;
    let installed = directory.starts_with('/') && directory.ends_with("/bin");
    (installed && !name.contains('.')).then(|| format!("bin/{name}"))
}

/// The part of a path in Python's standard library.
fn python_stdlib(path: &str) -> Option<String> {
    // Windows: `C:/Python311/Lib/json/decoder.py`, `…/Python/3.11.7/x64/Lib/json/decoder.py`.
    if let Some((root, file)) = path.split_once("/Lib/")
        && root.contains("Python")
    {
        return Some(file.to_owned());
    }
    let at = path.find("/lib/python")?;
    let rest = path.get(at + "/lib/python".len()..)?;
    let (version, file) = rest.split_once('/')?;
    version
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b'.' || b == b't')
        .then(|| file.to_owned())
}

/// The project's part of an absolute path.
fn strip_root(path: &str) -> String {
    if !path.starts_with('/') {
        return path.trim_start_matches("../").to_owned();
    }
    if let Some(rest) = released(path).or_else(|| checked_out(path)) {
        return rest.to_owned();
    }
    for root in PROJECT_ROOTS {
        if let Some(rest) = path.strip_prefix(root) {
            return rest.to_owned();
        }
    }
    for (root, depth) in CONTAINER_ROOTS {
        if let Some(rest) = path.strip_prefix(root) {
            let personal = matches!(root, "/home/" | "/Users/" | "/users/" | "/root/");
            return inside(rest, depth, personal);
        }
    }
    path.trim_start_matches('/').to_owned()
}

/// What lies below `…/releases/20240102030405/` or `…/current/` of a deployment.
fn released(path: &str) -> Option<&str> {
    // Electron packs a project into one file.
    if let Some((_, rest)) = path.split_once("/app.asar/") {
        return Some(rest);
    }
    if let Some((_, rest)) = path.split_once("/releases/") {
        let (release, rest) = rest.split_once('/')?;
        let numbered = release.starts_with(|c: char| c.is_ascii_digit());
        return numbered.then_some(rest);
    }
    let rooted = [
        "/var/www/",
        "/srv/",
        "/opt/",
        "/home/",
        "/data/",
        "/u/apps/",
    ];
    let (head, rest) = path.split_once("/current/")?;
    let known = rooted
        .iter()
        .any(|root| head.starts_with(root.trim_end_matches('/')));
    known.then_some(rest)
}

/// What lies below the directory that a tool, and not a person, gave a project.
fn checked_out(path: &str) -> Option<&str> {
    // A workspace of Go before modules: `~/go/src/github.com/acme/shop/`.
    if let Some((_, rest)) = path.split_once("/go/src/")
        && rest
            .split('/')
            .next()
            .is_some_and(|host| host.contains('.'))
    {
        return rest.splitn(4, '/').nth(3);
    }
    // A build agent's: `/_work/4/s/` of Azure, `/_work/shop/shop/` of GitHub.
    if let Some((_, rest)) = path.split_once("/_work/") {
        let mut parts = rest.splitn(3, '/');
        let (first, second) = (parts.next()?, parts.next()?);
        let numbered = first.bytes().all(|b| b.is_ascii_digit()) && second == "s";
        return parts.next().filter(|_| numbered || first == second);
    }
    // A web server on a developer's machine.
    if let Some((head, rest)) = path.split_once("/htdocs/")
        && ["xampp", "lampp", "wamp", "MAMP"]
            .iter()
            .any(|kit| head.contains(kit))
    {
        return Some(rest.split_once('/').map_or(rest, |(_, inner)| inner));
    }
    // Unity's project folder has its sources in `Assets`.
    let at = path.find("/Assets/")?;
    let script = path.rsplit_once('.').is_some_and(|(_, end)| end == "cs");
    path.get(at + 1..).filter(|_| script)
}

/// What remains `depth` directories further down; in a home, also below a project's directory.
fn inside(rest: &str, depth: usize, personal: bool) -> String {
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    let last = parts.len().saturating_sub(1);
    let mut from = depth.min(last);
    if personal {
        let nest = |at: usize| {
            parts
                .get(at)
                .is_some_and(|part| NESTS.contains(&part.to_ascii_lowercase().as_str()))
        };
        while from < last && nest(from) {
            from += 1;
        }
        from = (from + 1).min(last);
    }
    parts.get(from..).unwrap_or_default().join("/")
}
