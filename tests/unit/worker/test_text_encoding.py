import pytest

from worker.text_encoding import charset_in, codec_of, encoding_of, text_of

WORDS = "<a>Ваксина, прието</a>"


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("application/xml", None),
        ("text/xml; charset=utf-8", "utf-8"),
        ("text/xml;CHARSET = UTF-8 ; q=1", "UTF-8"),
        ('text/xml; charset="windows-1251"', "windows-1251"),
        ("text/xml; charset='utf-8'", "utf-8"),
        ("text/xml; boundary=x; charset=utf-8", "utf-8"),
        ("text/xml; charset=", None),
        ("text/xml; xcharset=utf-8", None),
        ("text/xml; charset=utf-8, text/xml", "utf-8"),
        ("", None),
    ],
)
def test_charset_of_a_content_type(content_type, charset):
    assert charset_in(content_type) == charset


NAMES = {
    "utf-8": ("utf-8", "UTF-8", "utf8", "UTF_8", "Utf8", "us-ascii", "US-ASCII", "ascii", "ANSI_X3.4-1968", "utf8mb4"),
    "cp1251": ("windows-1251", "Windows-1251", "WINDOWS1251", "cp1251", "CP-1251", "win-1251", "x-cp1251"),
    "cp1252": ("windows-1252", "cp1252"),
    "iso8859-1": ("ISO-8859-1", "latin1", "iso8859-1", "ISO_8859-1"),
    "iso8859-5": ("ISO-8859-5", "cyrillic"),
    "koi8-r": ("KOI8-R",),
    "koi8-u": ("koi8-u",),
    "cp866": ("IBM866", "cp866"),
    "mac-cyrillic": ("x-mac-cyrillic",),
    "kz1048": ("kz-1048",),
}  # fmt: skip


@pytest.mark.parametrize(("name", "codec"), [(one, codec) for codec, names in NAMES.items() for one in names])
def test_names_that_are_known(name, codec):
    assert codec_of(name) == codec


@pytest.mark.parametrize(
    "name", ["", "x", "utf-7", "idna", "punycode", "hex", "base64", "zlib", "unicode_escape", "raw-unicode-escape",
             "rot13", "undefined", "mbcs", "utf-16", "utf-32", "utf-8-sig.py", "..", "os.path"]
)  # fmt: skip
def test_names_that_are_no_encoding_of_answers(name):
    assert codec_of(name) is None


@pytest.mark.parametrize(
    ("codec", "charset"),
    [
        ("utf-8", None),
        ("utf-8", "utf-8"),
        ("utf-8", "US-ASCII"),
        ("utf-8", "no-such-thing"),
        ("utf-8", "utf-16"),
        ("utf-8-sig", None),
        # With a mark it is UTF-8, whatever the header says.
        ("utf-8-sig", "windows-1251"),
        ("cp1251", "windows-1251"),
        ("cp1251", "Windows1251"),
        ("utf-16", None),
        ("utf-16", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", None),
        ("utf-32", None),
        ("utf-32-be", None),
        ("koi8-r", "koi8-r"),
        # What servers add to every answer by default says nothing about bytes that are UTF-8.
        ("utf-8", "ISO-8859-1"),
        ("utf-8", "windows-1252"),
    ],
)
def test_text(codec, charset):
    assert text_of(WORDS.encode(codec), charset) == WORDS


@pytest.mark.parametrize(
    ("declared", "codec", "charset"),
    [
        ("windows-1251", "cp1251", None),
        ("cp1251", "cp1251", None),
        # The header goes first ...
        ("windows-1251", "utf-8", "utf-8"),
        ("utf-8", "cp1251", "windows-1251"),
        ("utf-16", "utf-8", "utf-8"),
        # ... unless the bytes cannot be what it says.
        ("windows-1251", "cp1251", "utf-8"),
        ("windows-1251", "cp1251", "utf-16"),
        # A wide encoding that is declared in bytes of another says nothing, and an unknown name neither.
        ("utf-16", "utf-8", None),
        ("UCS-2", "utf-8", None),
        ("Unicode", "utf-8", None),
        ("no-such-thing", "utf-8", None),
        ("utf-16", "utf-16", None),
        ("utf-8", "utf-16", None),
    ],
)
def test_a_declaration(declared, codec, charset):
    document = f'<?xml version="1.0" encoding="{declared}"?>{WORDS}'
    assert text_of(document.encode(codec), charset) == document


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (WORDS.encode("cp1251"), None),
        (WORDS.encode("cp1251"), "utf-8"),
        (WORDS.encode("cp1251"), "utf-16"),
        (b"<\0a", None),
        (b"<\0\0\xd8>\0", None),
        (b"\xff\xfe\0", None),
        (b"\x98<a/>", "windows-1251"),
    ],
)
def test_bytes_of_no_encoding(data, charset):
    assert text_of(data, charset) is None


def test_the_default_of_servers_counts_where_the_bytes_are_not_utf_8():
    assert text_of("<a>\u00e9t\u00e9</a>".encode("latin-1"), "ISO-8859-1") == "<a>\u00e9t\u00e9</a>"


ONE_BYTE = (
    "windows-1251",
    "ISO-8859-5",
    "KOI8-R",
    "KOI8-U",
    "IBM866",
    "x-mac-cyrillic",
    "kz-1048",
    "ISO-8859-1",
)
"""Charsets of one byte for a character. In windows-1251 one byte is invalid: the second one of И in UTF-8."""


@pytest.mark.parametrize("charset", ONE_BYTE)
@pytest.mark.parametrize(
    "words",
    [
        "прието",
        "ИЗПЪЛНЕНО",
        "Иван",
        "№ 5 – „приета“",
        "é",
        "ж",
        '{"a": "прието"}',
        "<a>Вече има подаден</a>",
        "😀",
        "",
        "plain",
    ],
)
def test_bytes_that_are_utf_8_are_utf_8_whatever_is_said_of_them(charset, words):
    """Which letters there are decides nothing: И is invalid in windows-1251, and all other letters are valid."""
    assert text_of(words.encode(), charset) == words
    document = f'<?xml version="1.0" encoding="{charset}"?><a>{words}</a>'
    assert text_of(document.encode(), charset) == document
    assert text_of(document.encode(), None) == document


CYRILLIC = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯабвгдежзийклмнопрстуфхцчшщъьюя"


@pytest.mark.parametrize("charset", ["windows-1251", "KOI8-R", "kz-1048"])
def test_no_word_in_cyrillic_letters_of_one_byte_is_valid_utf_8(charset):
    for first in CYRILLIC:
        for second in ("", *CYRILLIC):
            word = f"<a>{first}{second}</a>"
            assert text_of(word.encode(charset), charset) == word


@pytest.mark.parametrize(
    ("data", "charset", "read"),
    [
        # The header goes before the declaration where the bytes are not UTF-8.
        ('<?xml version="1.0" encoding="koi8-r"?><a>да</a>'.encode("cp1251"), "windows-1251", "cp1251"),
        ('<?xml version="1.0" encoding="windows-1251"?><a>да</a>'.encode("cp1251"), "koi8-r", "koi8-r"),
        ("да".encode("cp1251"), "windows-1251", "cp1251"),
        ("да".encode("cp1251"), "utf-8", None),
        ("да".encode("cp1251"), None, None),
        ('{"a": "да"}'.encode("cp1251"), "windows-1251", "cp1251"),
        # The few bytes that are valid in both are UTF-8: a capital letter before a sign, and nothing else.
        ("В»".encode("cp1251"), "windows-1251", "utf-8"),
        # One letter beside them decides.
        ("В» е".encode("cp1251"), "windows-1251", "cp1251"),
    ],
)
def test_what_is_said_of_bytes_counts_where_they_are_not_utf_8(data, charset, read):
    assert encoding_of(data, charset) == read


def test_json_is_utf_8_whatever_the_header_says():
    words = '{"a": "прието"}'
    assert text_of(words.encode(), "iso-8859-1") == words
    assert text_of(words.encode("cp1251"), "windows-1251") == words


def test_a_binary_is_no_utf_16():
    assert encoding_of(b"\0\0\1\0\xff", None) is None
    assert encoding_of(b"GIF89a\0\xff", None) is None


def test_a_declaration_without_an_end_is_looked_at_briefly():
    assert text_of(b"<?xml " + b" " * 1_000_000, None) is not None


@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252"])
def test_a_declaration_counts_before_the_charset_that_servers_add_by_default(charset):
    document = '<?xml version="1.0" encoding="windows-1251"?><a>Вече има подаден</a>'
    assert text_of(document.encode("cp1251"), charset) == document
