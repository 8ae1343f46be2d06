"""Translators: text to text, on CTranslate2."""

from align.translation.base import DIRECTIONS as DIRECTIONS
from align.translation.base import Direction as Direction
from align.translation.base import Translator as Translator
from align.translation.registry import load_translator as load_translator
