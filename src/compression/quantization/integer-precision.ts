import { existsSync, readFileSync } from 'node:fs'
import type { ActivationType } from './activation-codes.ts'
import type { WeightBits } from './codes.ts'

/** Types of the codes of a layer. */
export interface Precision {
  readonly type: ActivationType
  readonly bits: WeightBits
  /** Type in which codes of weights are stored: as they are, or 128 higher. */
  readonly weightType: 'int8' | 'uint8'
}

/** Types and bits that are asked for. */
export interface WantedPrecision {
  readonly activations: ActivationType
  /** Bits of weights; `auto` those that are fastest on this processor among those that are exact. */
  readonly weights: 'auto' | WeightBits
}

/** Flags of instructions that add products of bytes into 32 bits. */
const dotProducts = /\b(avx512_?vnni|avx_?vnni|asimddp)\b/

/**
 * Types and bits whose products are exact on a processor.
 *
 * Without instructions for products of bytes, such as VNNI, ONNX Runtime's kernel for weights of int8 adds two products into 16
 * bits on x86, which 2·255·127 does not fit: sums saturate, whatever the type of the activations. There weights have 7 bits, as
 * 2·255·63 fits; or, where 8 are asked for, they are stored as uint8, whose kernel widens first and is slower.
 *
 * @param flags Content of `/proc/cpuinfo`; undefined where there is none.
 * @returns Also a sentence for people.
 */
export function integerPrecision(
  { activations, weights }: WantedPrecision,
  flags: string | undefined = cpuFlags(),
): Precision & { readonly why: string } {
  const addsWide = process.arch === 'arm64' || (flags !== undefined && dotProducts.test(flags))
  const bits = weights === 'auto' ? (addsWide ? 8 : 7) : weights
  const weightType = bits === 8 && !addsWide ? 'uint8' : 'int8'
  const why =
    `activations of ${activations}, weights of ${bits} bits in ${weightType}, as ` +
    (addsWide
      ? 'this processor adds products of bytes into 32 bits'
      : 'products of bytes may be added into 16 bits here')
  return { type: activations, bits, weightType, why }
}

function cpuFlags(): string | undefined {
  const file = '/proc/cpuinfo'
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
