/** Words for hues, as alternatives of a pattern. */
export const hueWords =
  'red|orange|yellow|green|blue|purple|violet|pink|brown|cyan|magenta|turquoise|teal|gold|golden|beige|crimson|scarlet|maroon|burgundy|navy|indigo|lavender|lilac|lime|olive|khaki|amber|copper|bronze'

/** Words for colours without a hue. */
export const greyWords = 'black|white|gr[ae]y|silver'
