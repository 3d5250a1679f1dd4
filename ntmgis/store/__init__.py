"""Where accepted data are kept: append-only, every value with its date and source; snapshots come out."""
