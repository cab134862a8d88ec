"""The demo's scenario for eForms, over eDelivery; it may import that one's, and nothing of worker or sandbox."""
