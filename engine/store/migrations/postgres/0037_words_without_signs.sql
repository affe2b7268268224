-- The parser takes a sign into a number (+45), an address, a path or a tag, and what it does with others depends on the
-- locale: here everything but letters and digits separates words, as it does for SQLite and for us.
create function search_vector(title text, words text) returns tsvector
  language sql immutable parallel safe as $$
  select to_tsvector('simple', translate(title || ' ' || words,
    '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~ ¡¢£¤¥¦§¨©«¬­®¯°±²³´¶·¸¹»¼½¾¿×÷–—‘’‚“”„†‡•…‰‹›€™⅓⅔⅛⅜⅝⅞⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉⅐⅑⅒⅕⅖⅗⅘⅙⅚⅟①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳', repeat(' ', 300)))
$$;
drop index search_words;
create index search_words on search_entry using gin (search_vector(title, words));
