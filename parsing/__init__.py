"""The engine: reads, indexes and questions the two logs. It knows no terminal."""
