/** Sizes by which the models of the comparison differ. */
export interface Sizes {
  readonly imageHidden: number
  readonly imageLayers: number
  readonly textHidden: number
  readonly textLayers: number
}

/** A model that a study has judged, and the minutes of work after which it was known. */
export interface Found {
  readonly sizes: Sizes
  readonly quality: number
  readonly minutes: number
}

type Values = Readonly<Record<string, number>>

/** Sizes of a sub-network: shares of the whole's. */
export const sizesInSupernet = (values: Values, whole: Sizes): Sizes => ({
  imageHidden: whole.imageHidden * (values['vision_model.*/hidden'] ?? 1),
  imageLayers: Math.round(whole.imageLayers * (values['vision_model.*/layers'] ?? 1)),
  textHidden: whole.textHidden * (values['text_model.*/hidden'] ?? 1),
  textLayers: Math.round(whole.textLayers * (values['text_model.*/layers'] ?? 1)),
})

/** Sizes of a recipe's model; those that a trial does not name are the whole's. */
export const sizesOfRecipe = (values: Values, whole: Sizes): Sizes => ({
  imageHidden: values['model.vision_config.intermediate_size'] ?? whole.imageHidden,
  imageLayers: values['model.vision_config.num_hidden_layers'] ?? whole.imageLayers,
  textHidden: values['model.text_config.intermediate_size'] ?? whole.textHidden,
  textLayers: values['model.text_config.num_hidden_layers'] ?? whole.textLayers,
})

/** The best quality that was known at the end of each minute, by `after <minute>`; a dash before the first. */
export function bestByMinute(found: readonly Found[], minutes: number): Record<string, string> {
  const best = (until: number) =>
    found.reduce((most, { quality, minutes }) => (minutes <= until ? Math.max(most, quality) : most), -1)
  return Object.fromEntries(
    Array.from({ length: minutes }, (_, i) => {
      const quality = best(i + 1)
      return [`after ${i + 1}`, quality < 0 ? '–' : quality.toFixed(1)]
    }),
  )
}
