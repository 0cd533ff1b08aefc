"""Guanxi's own machinery: the lake, the loop, the application and the simulated platforms."""
