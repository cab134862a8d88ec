"""Kazakhstan's gateway of electronic government (ШЭП, SHEP): services behind SyncChannel v10."""
