-- The words that the index of words has, in their order: which ones begin as a person typed is asked of it.
create virtual table search_text_term using fts5vocab (search_text, instance);
