//! Listeners and wire formats, back-pressure.
