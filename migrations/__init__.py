"""The schema's history; every migration carries its row-level security, policies and grants."""
