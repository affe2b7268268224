-- The index of words answers for beginnings itself: nothing to do here.
select 1;
