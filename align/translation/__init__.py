"""Translators: text to text, on CTranslate2."""
