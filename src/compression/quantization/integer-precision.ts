import { existsSync, readFileSync } from 'node:fs'
import type { ActivationType } from './activation-codes.ts'
import type { WeightBits } from './codes.ts'
import type { Precision } from './smooth-quant.ts'

/** Types of activations and bits of weights that are asked for. */
export interface WantedPrecision {
  readonly activations: 'auto' | ActivationType
  readonly weights: 'auto' | WeightBits
}

/** Flags of instructions that add products of bytes into 32 bits. */
const dotProducts = /\b(avx512_?vnni|avx_?vnni|asimddp)\b/

/**
 * Types and bits whose products are exact on a processor.
 *
 * Without instructions for products of bytes, such as VNNI, an x86 processor adds two products of uint8 and int8 into 16 bits,
 * which 2·255·127 does not fit. There activations are int8, whose products ONNX Runtime widens first, or weights have 7 bits:
 * 2·255·63 fits. Activations of int8 are exact everywhere.
 *
 * @param flags Content of `/proc/cpuinfo`; undefined where there is none.
 * @returns Also a sentence for people.
 */
export function integerPrecision(
  { activations, weights }: WantedPrecision,
  flags: string | undefined = cpuFlags(),
): Precision & { readonly why: string } {
  const isExact = process.arch === 'arm64' || (flags !== undefined && dotProducts.test(flags))
  const type = activations === 'auto' ? (isExact ? 'uint8' : 'int8') : activations
  const isSafe = isExact || type === 'int8'
  const bits = weights === 'auto' ? (isSafe ? 8 : 7) : weights
  const cpu = isExact ? 'this processor adds products of bytes into 32 bits' : 'no VNNI is known of this processor'
  const warning =
    bits === 8 && !isSafe ? '; sums of such products can overflow 16 bits here: take weights of 7 bits' : ''
  return { type, bits, why: `activations ${type}, weights of ${bits} bits (${cpu}${warning})` }
}

function cpuFlags(): string | undefined {
  const file = '/proc/cpuinfo'
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
