"""GIS mapping and spatial monitoring of the New Rural Development programme (nông thôn mới, NTM).

The rooms, from the door inwards: `cli`, `build`, `show`, `measure`, `store`, `intake`, `workspace`,
`programme` and `units`, `errors`. Heavy libraries load where they are used, so that this import is quick.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
