"""Ground floor: quantities, errors, storage, and the types that travel between rooms."""
