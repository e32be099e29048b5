//! Who may see what, why, until when: grants, exposure caps, the k rule.
