"""Safe XML, and messages built and validated by a system's own schemas; may import no system and no signing."""
