/** Teaching of where to look, by boxes. */
export interface Grounding {
  /** Name of the boxes that the first glance is trained to lie on; of several names, those of each glance in turn. */
  readonly label: string | readonly string[]
  /** Factor of this loss. */
  readonly weight: number
}

/** Names of the boxes, one a glance. */
export const boxesOf = ({ label }: Pick<Grounding, 'label'>): readonly string[] => [label].flat()
