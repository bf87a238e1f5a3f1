"""Which requests of the IIS log belong to an error of Httperr.log, and how sure that is (DOMAIN.md 4)."""
