"""Files over HTTP: hospitals fetch what a reply refers to, and upload what an event is to refer to.

Who may: the bearer of a signed address, or a client whose certificate the settings know. Every transfer is audited
before its first byte. The room reaches the store and the audit through its ports, and may not
import them.
"""
