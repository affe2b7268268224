;; Built against version 1 of the interface, world `provider`, and never edited: with the component type of `sdk/wit/v1` it is a plugin
;; of the first day, which every later engine has to load. `tests/suite/versions.rs` makes a component of it.
(module
  (import "sagsgang:plugin/log@1.0.0" "write" (func $log (param i32 i32 i32)))
  (import "sagsgang:plugin/context@1.0.0" "actor" (func $actor (param i32)))
  (import "sagsgang:plugin/context@1.0.0" "locale" (func $locale (param i32)))
  (import "sagsgang:plugin/context@1.0.0" "configuration" (func $configuration (param i32)))
  (import "sagsgang:plugin/context@1.0.0" "idempotency-key" (func $key (param i32)))
  (import "sagsgang:plugin/context@1.0.0" "now" (func $now (result i64)))
  (import "sagsgang:plugin/context@1.0.0" "case" (func $case (param i32)))
  (import "sagsgang:plugin/context@1.0.0" "is-signed" (func $is_signed (param i32 i32 i32 i32 i32 i32 i32)))
  (import "sagsgang:plugin/kv@1.0.0" "get" (func $kv_get (param i32 i32 i32)))
  (import "sagsgang:plugin/kv@1.0.0" "set" (func $kv_set (param i32 i32 i32 i32 i32)))
  (import "sagsgang:plugin/kv@1.0.0" "delete" (func $kv_delete (param i32 i32 i32)))
  (import "sagsgang:plugin/http@1.0.0" "send" (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "sagsgang:plugin/random@1.0.0" "bytes" (func $random (param i32 i32)))
  (memory (export "memory") 4)
  (global $free (mut i32) (i32.const 16384))

  ;; Gives room for what the host copies in; nothing is ever given back, since an instance lives for one call.
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  ;; A result is at 1024: its first byte is 0 where it went well, and its value is at 1032.
  (func $expect_ok
    (if (i32.load8_u (i32.const 1024)) (then (unreachable))))

  ;; Asks everything that the interface offers, and breaks off where an answer is an error.
  (func $speak
    (call $log (i32.const 1) (i32.const 64) (i32.const 16))
    (call $actor (i32.const 1024))
    (call $locale (i32.const 1024))
    (call $configuration (i32.const 1024))
    (call $key (i32.const 1024))
    (if (i64.eqz (call $now)) (then (unreachable)))
    (call $is_signed (i32.const 80) (i32.const 5) (i32.const 88) (i32.const 7) (i32.const 96) (i32.const 32) (i32.const 1024))
    (call $expect_ok)
    (call $kv_set (i32.const 128) (i32.const 5) (i32.const 136) (i32.const 1) (i32.const 1024))
    (call $expect_ok)
    (call $kv_get (i32.const 128) (i32.const 5) (i32.const 1024))
    (call $expect_ok)
    (call $kv_delete (i32.const 144) (i32.const 4) (i32.const 1024))
    (call $expect_ok)
    (call $random (i32.const 8) (i32.const 1024))
    (call $expect_ok)
    ;; GET the address that the settings are: a JSON string, without its quotation marks.
    (call $configuration (i32.const 1024))
    (call $send (i32.const 152) (i32.const 3)
      (i32.add (i32.load (i32.const 1024)) (i32.const 1)) (i32.sub (i32.load (i32.const 1028)) (i32.const 2))
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 2000) (i32.const 1024))
    (call $expect_ok)
    (if (i32.ne (i32.load16_u (i32.const 1032)) (i32.const 201)) (then (unreachable))))


  (func (export "search") (param $name i32) (param $name_length i32) (param $input i32) (param $length i32) (result i32)
    (call $speak)
    (i32.store8 (i32.const 1024) (i32.const 0))
    (i32.store (i32.const 1032) (i32.const 160))
    (i32.store (i32.const 1036) (i32.const 47))
    (i32.const 1024))

  (data (i32.const 64) "version 1 speaks")
  (data (i32.const 80) "token")
  (data (i32.const 88) "message")
  (data (i32.const 96) "00000000000000000000000000000000")
  (data (i32.const 128) "count")
  (data (i32.const 136) "1")
  (data (i32.const 144) "gone")
  (data (i32.const 152) "GET")
  (data (i32.const 160) "{\22entries\22:[{\22title\22:\22version 1\22,\22values\22:{}}]}"))
