"""What a worker measures: `declared` lists every metric, the rest makes and shows them. It may import the contracts."""
