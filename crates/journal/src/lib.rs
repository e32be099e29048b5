//! Sealed segment log with group commit: acknowledged means on disk.
