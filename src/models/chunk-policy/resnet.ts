import type { Tensor } from '../../graph/index.ts'
import {
  filled,
  type Initializer,
  Module,
  normalInit,
  onesInit,
  Parameter,
  zerosInit,
} from '../../nn/index.ts'

/** Epsilon of torchvision's batch norm. */
const epsilon = 1e-5

/** A convolution without bias; its weight is [out, in, size, size]. */
class Convolution extends Module {
  readonly weight: Parameter
  readonly #stride: number
  readonly #padding: number

  constructor(inputs: number, outputs: number, size: number, { stride = 1, padding = 0 } = {}) {
    super()
    // He et al. 2015, by the number of outputs, as torchvision draws it.
    this.weight = new Parameter(
      [outputs, inputs, size, size],
      normalInit((2 / (outputs * size * size)) ** 0.5),
    )
    this.#stride = stride
    this.#padding = padding
  }

  forward(x: Tensor): Tensor {
    return x.conv(this.weight.tensor, { stride: this.#stride, padding: this.#padding })
  }
}

/**
 * Batch norm with constant statistics, torchvision's `FrozenBatchNorm2d`: x·scale + (bias − mean·scale), scale =
 * weight/√(variance + 1e-5) for each channel. Nothing of it is learned: freeze its parameters by a rule.
 */
class FrozenBatchNorm extends Module {
  readonly weight: Parameter
  readonly bias: Parameter
  readonly runningMean: Parameter
  readonly runningVar: Parameter

  constructor(channels: number, init: Initializer = onesInit) {
    super()
    this.weight = new Parameter([channels], init)
    this.bias = new Parameter([channels], zerosInit)
    this.runningMean = new Parameter([channels], zerosInit)
    this.runningVar = new Parameter([channels], onesInit)
  }

  forward(x: Tensor): Tensor {
    const scale = this.weight.tensor.mul(this.runningVar.tensor.add(epsilon).sqrt().reciprocal())
    const shift = this.bias.tensor.sub(this.runningMean.tensor.mul(scale))
    const perChannel = (row: Tensor) => row.detach().reshape([1, row.shape[0]!, 1, 1])
    return x.mul(perChannel(scale)).add(perChannel(shift))
  }
}

/** Two convolutions and what goes past them (He et al. 2016). */
class BasicBlock extends Module {
  readonly conv1: Convolution
  readonly bn1: FrozenBatchNorm
  readonly conv2: Convolution
  readonly bn2: FrozenBatchNorm
  readonly downsample?: readonly [Convolution, FrozenBatchNorm]

  constructor(inputs: number, outputs: number, stride: number) {
    super()
    this.conv1 = new Convolution(inputs, outputs, 3, { stride, padding: 1 })
    this.bn1 = new FrozenBatchNorm(outputs)
    this.conv2 = new Convolution(outputs, outputs, 3, { padding: 1 })
    // Torchvision begins with 1. Without statistics that are learned, what the blocks add up to would grow 256-fold.
    this.bn2 = new FrozenBatchNorm(outputs, filled(0.5))
    if (stride !== 1 || inputs !== outputs)
      this.downsample = [new Convolution(inputs, outputs, 1, { stride }), new FrozenBatchNorm(outputs)]
  }

  forward(x: Tensor): Tensor {
    const inner = this.bn1.forward(this.conv1.forward(x)).relu()
    const added = this.bn2.forward(this.conv2.forward(inner))
    const past = this.downsample ? this.downsample[1].forward(this.downsample[0].forward(x)) : x
    return added.add(past).relu()
  }
}

/**
 * ResNet-18 without its classifier (He et al. 2016), under torchvision's names, with frozen batch norms.
 * @param width Channels of the first layer; torchvision's is 64. The last has 8 times as many.
 */
export class ResNet18 extends Module {
  readonly conv1: Convolution
  readonly bn1: FrozenBatchNorm
  readonly layer1: readonly BasicBlock[]
  readonly layer2: readonly BasicBlock[]
  readonly layer3: readonly BasicBlock[]
  readonly layer4: readonly BasicBlock[]

  constructor(width: number, channels: number) {
    super()
    this.conv1 = new Convolution(channels, width, 7, { stride: 2, padding: 3 })
    this.bn1 = new FrozenBatchNorm(width)
    this.layer1 = twoBlocks(width, width, 1)
    this.layer2 = twoBlocks(width, 2 * width, 2)
    this.layer3 = twoBlocks(2 * width, 4 * width, 2)
    this.layer4 = twoBlocks(4 * width, 8 * width, 2)
  }

  /** [images, channels, height, width] → [images, 8·width, ⌈height/32⌉, ⌈width/32⌉] */
  forward(images: Tensor): Tensor {
    const first = this.bn1.forward(this.conv1.forward(images)).relu()
    const blocks = [...this.layer1, ...this.layer2, ...this.layer3, ...this.layer4]
    return blocks.reduce((x, block) => block.forward(x), first.maxPool(3, { stride: 2, padding: 1 }))
  }
}

const twoBlocks = (inputs: number, outputs: number, stride: number) => [
  new BasicBlock(inputs, outputs, stride),
  new BasicBlock(outputs, outputs, 1),
]
