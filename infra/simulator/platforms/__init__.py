"""The platforms' interfaces over HTTP: they serve the streams under `api/`, and go wrong as they are told to."""
