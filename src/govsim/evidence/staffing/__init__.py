"""Which posts could go with every service as quick as before, and how few keep the promise."""
