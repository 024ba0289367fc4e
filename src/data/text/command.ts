/** Verbs that begin commands to robots. Many are nouns or adjectives too, so the following words decide. */
const verbs =
  'adjust|align|approach|arrange|assemble|attach|avoid|back|bend|bring|carry|catch|check|clean|clear|close|collect|connect|count|cover|cut|deliver|detach|discard|dispose|drag|drive|drop|empty|enter|erase|fetch|fill|find|flip|fold|follow|gather|get|give|go|grab|grasp|grip|guide|hand|hang|head|help|hold|insert|inspect|keep|kick|lay|leave|let|lift|lock|locate|look|loosen|lower|make|measure|mix|mount|move|navigate|open|pack|paint|pass|pick|place|plug|point|polish|pour|press|pull|push|put|raise|reach|read|release|remove|repeat|return|roll|rotate|scan|scoop|screw|search|send|set|shake|show|shut|slice|slide|sort|spin|squeeze|stack|start|stay|step|stir|stop|sweep|swipe|switch|take|tap|throw|tie|tighten|tilt|toggle|touch|transfer|transport|turn|twist|unfold|unlock|unplug|unscrew|unstack|untie|use|walk|wash|watch|water|wave|wipe|wrap|zip'

const particle = 'up|down|on|off|out|away|back|over|in'
const objectOrWay =
  'the|a|an|this|that|these|those|it|them|me|him|her|us|your|my|his|its|their|our|all|both|every|each|one|two|three|four|five|six|seven|eight|nine|ten|\\d+|to|into|onto|towards?|at|for|left|right|forwards?|backwards?|straight|around|back|through|slowly|quickly|carefully|gently'

const verb = new RegExp(`^(?:${verbs})$`, 'u')

/** Test for a verb that may begin a command, in small letters. */
export const isCommandVerb = (word: string): boolean => verb.test(word)

/** Test for a verb of a sentence that tells what to do in other words: "the cup is to be lifted", "the ball goes left". */
export const isSentenceVerb = (word: string): boolean => /^(?:is|are|goes|go|should|must)$/u.test(word)

const leadingVerb = new RegExp(`^(?:${verbs})(?![\\p{L}\\p{N}-])`, 'iu')
const command = new RegExp(`^(?:${verbs})(?: (?:${particle}))? (?:${objectOrWay})(?![\\p{L}\\p{N}])`, 'iu')

/** Polite or negative commands, questions, whole sentences, and texts that a template has already framed. */
const neither =
  /^(?:please|can|could|would|will|do|don['’]t|never|now|then|i['’]d|let['’]s|what|where|which|who|how)\b|\b(?:is|are|was|were)\b|^(?:an?|the) (?:picture|photo|photograph|image|drawing|view) of\b|\?$|\bplease[.!]?$/i

/**
 * Kind of a text, for templates: a `command` ("pick up the cup"), a `description` ("a red cup"), or unsure ("open book"
 * begins like a command). The first words decide; a tagger would take milliseconds.
 */
export function kindOfText(text: string): 'command' | 'description' | 'unsure' {
  const plain = text.trim().replaceAll(/\s+/g, ' ')
  if (command.test(plain)) return 'command'
  return plain === '' || leadingVerb.test(plain) || neither.test(plain) ? 'unsure' : 'description'
}
