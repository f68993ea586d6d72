"""Clearinghouses as mailboxes: drivers of `domain.claims.ports.Clearinghouse`."""
