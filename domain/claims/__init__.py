"""Claims: assembled from visits, checked, written, sent, acknowledged; each tells its own story."""
