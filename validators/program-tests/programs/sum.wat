;; Reads whole numbers and writes their sum.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  ;; 0: a buffer's address and length, 8: how many bytes were moved, 64: digits, 1024: the input.
  (global $length (mut i32) (i32.const 0))
  (func $read_all
    (loop $more
      (i32.store (i32.const 0) (i32.add (i32.const 1024) (global.get $length)))
      (i32.store (i32.const 4) (i32.sub (i32.const 130048) (global.get $length)))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
        (then (call $exit (i32.const 1))))
      (global.set $length (i32.add (global.get $length) (i32.load (i32.const 8))))
      (br_if $more (i32.load (i32.const 8)))))
  (func $print (param $value i64)
    (local $at i32) (local $rest i64)
    (local.set $at (i32.const 127))
    (i32.store8 (local.get $at) (i32.const 10))
    (local.set $rest (local.get $value))
    (if (i64.lt_s (local.get $value) (i64.const 0))
      (then (local.set $rest (i64.sub (i64.const 0) (local.get $value)))))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $rest) (i64.const 10)))))
      (local.set $rest (i64.div_u (local.get $rest) (i64.const 10)))
      (br_if $digit (i64.ne (local.get $rest) (i64.const 0))))
    (if (i64.lt_s (local.get $value) (i64.const 0))
      (then
        (local.set $at (i32.sub (local.get $at) (i32.const 1)))
        (i32.store8 (local.get $at) (i32.const 45))))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (i32.sub (i32.const 128) (local.get $at)))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
      (then (call $exit (i32.const 1)))))
  (func $sum (result i64)
    (local $at i32) (local $byte i32) (local $value i64) (local $sum i64) (local $negative i32)
    (loop $next
      (if (i32.ge_u (local.get $at) (global.get $length))
        (then (return (i64.add (local.get $sum) (local.get $value)))))
      (local.set $byte (i32.load8_u offset=1024 (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eq (local.get $byte) (i32.const 45))
        (then (local.set $negative (i32.const 1)))
        (else
          (if (i32.le_u (local.get $byte) (i32.const 32))
            (then
              (local.set $sum (i64.add (local.get $sum) (local.get $value)))
              (local.set $value (i64.const 0))
              (local.set $negative (i32.const 0)))
            (else
              (local.set $byte (i32.sub (local.get $byte) (i32.const 48)))
              (if (i32.gt_u (local.get $byte) (i32.const 9))
                (then (call $exit (i32.const 2))))
              (local.set $value (i64.mul (local.get $value) (i64.const 10)))
              (if (local.get $negative)
                (then (local.set $value
                  (i64.sub (local.get $value) (i64.extend_i32_u (local.get $byte)))))
                (else (local.set $value
                  (i64.add (local.get $value) (i64.extend_i32_u (local.get $byte))))))))))
      (br $next))
    (unreachable))
  (func (export "_start")
    (call $read_all)
    (call $print (call $sum))))
