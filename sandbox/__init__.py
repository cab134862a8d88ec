"""Stand-ins for national systems, run as separate processes; may import `schemas`, not worker, contracts or demo."""
