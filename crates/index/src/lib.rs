//! Per-tenant retrieval: BM25 over code-aware tokens fused with hashed character n-grams.
