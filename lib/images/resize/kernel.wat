;; The two passes of a separable resize, in fixed point, eight numbers at a time (WebAssembly SIMD). Weights are 16-bit integers of which
;; those of one output add up to 2^14; sums are rounded to 8 bits after each pass. Everything lies in one memory, which `resizer.ts` lays out.
(module
  (memory (export "memory") 512 512)

  ;; Rows. Each output row is a weighted sum of $taps rows (an even number) from $starts[row] on.
  (func (export "rows")
    (param $from i32) (param $stride i32) (param $bytes i32)
    (param $count i32) (param $taps i32) (param $starts i32) (param $weights i32)
    (param $to i32) (param $toStride i32)
    (local $row i32) (local $x i32) (local $top i32) (local $at i32) (local $weight i32) (local $end i32)
    (local $above v128) (local $below v128) (local $pair v128) (local $low v128) (local $high v128)
    (loop $eachRow
      (local.set $top
        (i32.add (local.get $from) (i32.mul (local.get $stride)
          (i32.load (i32.add (local.get $starts) (i32.shl (local.get $row) (i32.const 2)))))))
      (local.set $end
        (i32.add (local.get $weights)
          (i32.shl (i32.mul (i32.add (local.get $row) (i32.const 1)) (local.get $taps)) (i32.const 1))))
      (local.set $x (i32.const 0))
      (loop $eachEight
        (local.set $low (i32x4.splat (i32.const 8192)))
        (local.set $high (local.get $low))
        (local.set $at (i32.add (local.get $top) (local.get $x)))
        (local.set $weight (i32.sub (local.get $end) (i32.shl (local.get $taps) (i32.const 1))))
        (loop $eachPair
          (local.set $above (v128.load8x8_u (local.get $at)))
          (local.set $below (v128.load8x8_u (i32.add (local.get $at) (local.get $stride))))
          (local.set $pair (v128.load32_splat (local.get $weight)))
          (local.set $low (i32x4.add (local.get $low) (i32x4.dot_i16x8_s (local.get $pair)
            (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $above) (local.get $below)))))
          (local.set $high (i32x4.add (local.get $high) (i32x4.dot_i16x8_s (local.get $pair)
            (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $above) (local.get $below)))))
          (local.set $at (i32.add (local.get $at) (i32.shl (local.get $stride) (i32.const 1))))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $eachPair (i32.lt_u (local.get $weight) (local.get $end))))
        (local.set $low (i16x8.narrow_i32x4_s
          (i32x4.shr_s (local.get $low) (i32.const 14)) (i32x4.shr_s (local.get $high) (i32.const 14))))
        (v128.store64_lane 0
          (i32.add (i32.add (local.get $to) (i32.mul (local.get $row) (local.get $toStride))) (local.get $x))
          (i8x16.narrow_i16x8_u (local.get $low) (local.get $low)))
        (local.set $x (i32.add (local.get $x) (i32.const 8)))
        (br_if $eachEight (i32.lt_u (local.get $x) (local.get $bytes))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $eachRow (i32.lt_u (local.get $row) (local.get $count)))))

  ;; Columns of one plane. Each output is a weighted sum of $taps neighbours (a multiple of 8) from $starts[column] on.
  (func (export "columns")
    (param $from i32) (param $stride i32) (param $rows i32)
    (param $count i32) (param $taps i32) (param $starts i32) (param $weights i32)
    (param $to i32)
    (local $row i32) (local $column i32) (local $at i32) (local $weight i32) (local $end i32) (local $value i32)
    (local $sum v128)
    (loop $eachRow
      (local.set $column (i32.const 0))
      (local.set $weight (local.get $weights))
      (loop $eachColumn
        (local.set $sum (v128.const i32x4 8192 0 0 0))
        (local.set $at (i32.add (local.get $from)
          (i32.load (i32.add (local.get $starts) (i32.shl (local.get $column) (i32.const 2))))))
        (local.set $end (i32.add (local.get $weight) (i32.shl (local.get $taps) (i32.const 1))))
        (loop $eachEight
          (local.set $sum (i32x4.add (local.get $sum)
            (i32x4.dot_i16x8_s (v128.load8x8_u (local.get $at)) (v128.load (local.get $weight)))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 16)))
          (br_if $eachEight (i32.lt_u (local.get $weight) (local.get $end))))
        (local.set $sum (i32x4.add (local.get $sum)
          (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $sum) (local.get $sum))))
        (local.set $value (i32.shr_s
          (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
          (i32.const 14)))
        (if (i32.lt_s (local.get $value) (i32.const 0)) (then (local.set $value (i32.const 0))))
        (if (i32.gt_s (local.get $value) (i32.const 255)) (then (local.set $value (i32.const 255))))
        (i32.store8 (local.get $to) (local.get $value))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $eachColumn (i32.lt_u (local.get $column) (local.get $count))))
      (local.set $from (i32.add (local.get $from) (local.get $stride)))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $eachRow (i32.lt_u (local.get $row) (local.get $rows)))))

  ;; Columns of interleaved colours. Each output pixel is a weighted sum of $taps neighbours (a multiple of 4) from $starts[column] on, its
  ;; three colours at once. A fourth byte is written behind each, which the next pixel overwrites.
  (func (export "pixels")
    (param $from i32) (param $stride i32) (param $rows i32)
    (param $count i32) (param $taps i32) (param $starts i32) (param $weights i32)
    (param $to i32)
    (local $row i32) (local $column i32) (local $at i32) (local $weight i32) (local $end i32)
    (local $four v128) (local $sum v128)
    (loop $eachRow
      (local.set $column (i32.const 0))
      (local.set $weight (local.get $weights))
      (loop $eachColumn
        (local.set $sum (i32x4.splat (i32.const 8192)))
        (local.set $at (i32.add (local.get $from)
          (i32.mul (i32.const 3)
            (i32.load (i32.add (local.get $starts) (i32.shl (local.get $column) (i32.const 2)))))))
        (local.set $end (i32.add (local.get $weight) (i32.shl (local.get $taps) (i32.const 1))))
        (loop $eachFour
          (local.set $four (v128.load (local.get $at)))
          ;; Two neighbours' reds, greens and blues side by side, as 16 bits; then the next two.
          (local.set $sum (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s
            (i8x16.swizzle (local.get $four)
              (v128.const i8x16 0 0x80 3 0x80 1 0x80 4 0x80 2 0x80 5 0x80 0x80 0x80 0x80 0x80))
            (v128.load32_splat (local.get $weight)))))
          (local.set $sum (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s
            (i8x16.swizzle (local.get $four)
              (v128.const i8x16 6 0x80 9 0x80 7 0x80 10 0x80 8 0x80 11 0x80 0x80 0x80 0x80 0x80))
            (v128.load32_splat offset=4 (local.get $weight)))))
          (local.set $at (i32.add (local.get $at) (i32.const 12)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
          (br_if $eachFour (i32.lt_u (local.get $weight) (local.get $end))))
        (local.set $sum (i32x4.shr_s (local.get $sum) (i32.const 14)))
        (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
        (v128.store32_lane 0 (local.get $to) (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
        (local.set $to (i32.add (local.get $to) (i32.const 3)))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $eachColumn (i32.lt_u (local.get $column) (local.get $count))))
      (local.set $from (i32.add (local.get $from) (local.get $stride)))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $eachRow (i32.lt_u (local.get $row) (local.get $rows))))))
