//! Stack traces and messages become stable ids and templates.
