"""One script per line that the project promises to show; each prints mark and figure."""
