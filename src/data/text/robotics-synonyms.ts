import type { SynonymTable } from './synonyms.ts'

/**
 * Rows of interchangeable words, every form beside its own kind: verbs as "pick up, picks up, picking up, picked up",
 * nouns as "cup, cups". A verb whose past depends on its place ("took", "taken") ends before it.
 */
const interchangeable: readonly (readonly string[])[] = [
  [
    'pick up, picks up, picking up, picked up',
    'grasp, grasps, grasping, grasped',
    'grab, grabs, grabbing, grabbed',
  ],
  [
    'set down, sets down, setting down',
    'put down, puts down, putting down',
    'lay down, lays down, laying down',
  ],
  ['move to, moves to, moving to', 'go to, goes to, going to', 'navigate to, navigates to, navigating to'],
  ['turn on, turns on, turning on, turned on', 'switch on, switches on, switching on, switched on'],
  ['turn off, turns off, turning off, turned off', 'switch off, switches off, switching off, switched off'],
  [
    'throw away, throws away, throwing away',
    'discard, discards, discarding',
    'dispose of, disposes of, disposing of',
  ],
  ['release, releases, releasing', 'let go of, lets go of, letting go of'],
  ['find, finds, finding', 'locate, locates, locating'],
  ['carry, carries, carrying, carried', 'transport, transports, transporting, transported'],
  ['give me', 'hand me', 'pass me'],
  ['fetch, fetches, fetching', 'go and get, goes and gets, going and getting'],
  ['rotate, rotates, rotating, rotated', 'spin, spins, spinning'],

  ['robot arm, robot arms', 'robotic arm, robotic arms', 'manipulator, manipulators'],
  ['robot dog, robot dogs', 'robotic dog, robotic dogs', 'quadruped robot, quadruped robots'],
  ['mobile robot, mobile robots', 'mobile machine, mobile machines'],
  ['gripper, grippers', 'robot hand, robot hands', 'end effector, end effectors'],
  ['cup, cups', 'mug, mugs'],
  [
    'trash can, trash cans',
    'garbage can, garbage cans',
    'waste bin, waste bins',
    'rubbish bin, rubbish bins',
  ],
  ['couch, couches', 'sofa, sofas'],
  ['fridge, fridges', 'refrigerator, refrigerators'],
  ['cupboard, cupboards', 'cabinet, cabinets'],
  ['wrench, wrenches', 'spanner, spanners'],
  ['flashlight, flashlights', 'electric torch, electric torches'],
  ['screwdriver, screwdrivers', 'screw driver, screw drivers'],
  ['frying pan, frying pans', 'skillet, skillets'],
  ['cell phone, cell phones', 'mobile phone, mobile phones'],
  ['bicycle, bicycles', 'bike, bikes'],
  ['laptop, laptops', 'notebook computer, notebook computers'],
  ['doorknob, doorknobs', 'door knob, door knobs'],
  ['rag, rags', 'cleaning cloth, cleaning cloths'],

  ['hallway, hallways', 'corridor, corridors'],
  ['living room, living rooms', 'sitting room, sitting rooms', 'lounge, lounges'],
  ['bathroom, bathrooms', 'washroom, washrooms'],
  [
    'charging station, charging stations',
    'charging dock, charging docks',
    'docking station, docking stations',
  ],
  ['workbench, workbenches', 'work table, work tables'],
  ['countertop, countertops', 'worktop, worktops'],
  ['warehouse, warehouses', 'storehouse, storehouses'],
  ['workshop, workshops', 'work room, work rooms'],

  ['big, bigger, biggest', 'large, larger, largest'],
]

/**
 * Rows whose first word may become any other, but not the other way round: the others are narrower, or have another
 * meaning too.
 */
const oneWay: readonly (readonly string[])[] = [
  [
    'humanoid robot, humanoid robots',
    'humanoid, humanoids',
    'human-like robot, human-like robots',
    'bipedal robot, bipedal robots',
    'android, androids',
  ],
  ['humanoid, humanoids', 'humanoid robot, humanoid robots', 'human-like robot, human-like robots'],
  ['robot, robots', 'machine, machines', 'automaton, automatons'],
  ['robot vacuum, robot vacuums', 'vacuum robot, vacuum robots', 'cleaning robot, cleaning robots'],
  ['pick up, picks up, picking up', 'take, takes, taking'],
  ['grasp, grasps, grasping', 'take, takes, taking'],
  [
    'take the, takes the, taking the',
    'pick up the, picks up the, picking up the',
    'grasp the, grasps the, grasping the',
  ],
  ['put, puts, putting', 'place, places, placing', 'set, sets, setting'],
  [
    'lift up, lifts up, lifting up, lifted up',
    'lift, lifts, lifting, lifted',
    'raise, raises, raising, raised',
  ],
  ['push the, pushes the, pushing the, pushed the', 'shove the, shoves the, shoving the, shoved the'],
  ['approach, approaches, approaching', 'move up to, moves up to, moving up to'],
  ['look for, looks for, looking for', 'search for, searches for, searching for'],
  ['faucet, faucets', 'tap, taps', 'water tap, water taps'],
  ['elevator, elevators', 'lift, lifts'],
  ['trash bin, trash bins', 'bin, bins', 'trash can, trash cans'],
  ['airplane, airplanes', 'plane, planes', 'aircraft, aircraft'],
  ['automobile, automobiles', 'car, cars'],
  ['crate, crates', 'box, boxes'],
  ['television, televisions', 'TV, TVs'],
  ['smartphone, smartphones', 'mobile phone, mobile phones', 'cell phone, cell phones'],
  ['kid, kids', 'child, children'],
  ['little', 'small'],
  ['quickly', 'fast'],
  ['carefully', 'with care'],
]

/** Built-in table of `synonyms`: verbs of manipulation and navigation, household objects, robots, places. */
export const roboticsSynonyms: SynonymTable = tableOf()

function tableOf(): SynonymTable {
  const table = new Map<string, string[]>()
  const add = (phrases: readonly string[], others: readonly (readonly string[])[]): void => {
    phrases.forEach((phrase, form) => {
      const replacements = others.flatMap((forms) => forms[form] ?? [])
      const known = table.get(phrase.toLowerCase()) ?? []
      if (replacements.length > 0) table.set(phrase.toLowerCase(), [...known, ...replacements])
    })
  }
  const split = (row: readonly string[]): string[][] => row.map((forms) => forms.split(', '))
  for (const row of interchangeable.map(split)) {
    for (const forms of row)
      add(
        forms,
        row.filter((others) => others !== forms),
      )
  }
  for (const [forms, ...others] of oneWay.map(split)) add(forms!, others)
  return Object.fromEntries(table)
}
