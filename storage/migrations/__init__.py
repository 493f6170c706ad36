"""The schema's steps, one module each, applied in order by `storage.migrate`."""
