"""Every way in: JSON, pages, webhooks, tasks and commands."""
