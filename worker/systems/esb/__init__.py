"""The state's ESB (integr-*.egov.bg), through which several systems are reached: a part of theirs, no system itself."""
