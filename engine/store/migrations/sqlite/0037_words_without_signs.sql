-- Signs that stand for numbers separate words too, as for PostgreSQL and for us: of `m²` the word is `m`.
drop table search_text;
create virtual table search_text using fts5 (
  title, words, content = 'search_entry', content_rowid = 'place',
  tokenize = "unicode61 remove_diacritics 0 separators '¹²³¼½¾⅓⅔⅛⅜⅝⅞⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉⅐⅑⅒⅕⅖⅗⅘⅙⅚⅟①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳'", prefix = '2 3'
);
insert into search_text (search_text) values ('rebuild');
