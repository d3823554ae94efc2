import type { ActionPlan, GuardPlan, MachineCase, StatePlan, Term, TransitionPlan } from './machine-plans.ts'

function term({ source, k }: Term): string {
  return source === 'one' ? String(1 + k) : k === 0 ? source : `${source}+${k}`
}

function way(plan: { readonly how: string }): string {
  return ['inline', 'fields', 'constant'].includes(plan.how) ? '' : `:${plan.how}`
}

function guardText(plan: GuardPlan): string {
  switch (plan.form) {
    case 'test':
      return `${plan.term.source} ${plan.op} ${plan.term.k}${way(plan)}`
    case 'event':
      return `event is ${plan.type}`
    case 'in':
      return `in ${plan.state}${plan.as === 'id' ? '' : ':value'}`
    default:
      return `${plan.form}${way(plan)}(${plan.guards.map(guardText).join(', ')})`
  }
}

function actionText(plan: ActionPlan): string {
  switch (plan.form) {
    case 'log':
      return `${plan.name}${way(plan)}`
    case 'assign':
      return `assign${way(plan)} ${plan.sets.map((set) => `${set.field}=${term(set.term)}`).join(' ')}`
    case 'raise':
      return `raise${way(plan)} ${plan.type} ${term(plan.term)}`
    case 'enqueue':
      return `enqueue${way(plan)}${plan.guards.map((each) => ` if ${guardText(each)}`).join('')} (${actionsText(plan.actions)})${plan.otherwise.length === 0 ? '' : ` else (${actionsText(plan.otherwise)})`}`
  }
}

function actionsText(plans: readonly ActionPlan[]): string {
  return plans.map(actionText).join(', ')
}

function transitionText(what: string, { targets, reenter, guards, actions }: TransitionPlan): string {
  const target = targets.length === 0 ? '' : ` -> ${targets.join(' & ')}`
  return `${what}${guards.map((each) => ` [${guardText(each)}]`).join('')}${target}${reenter ? ' reenter' : ''}${actions.length === 0 ? '' : ` / ${actionsText(actions)}`}`
}

function stateLines(state: StatePlan): string[] {
  const list = (what: string, actions: readonly ActionPlan[]): string[] => (actions.length === 0 ? [] : [`${what}: ${actionsText(actions)}`])
  const handlers = (prefix: string, plans: StatePlan['on']): string[] =>
    plans.flatMap(({ of, choices }) => (choices.length === 0 ? [`${prefix}${of} forbidden`] : choices.map((each) => transitionText(`${prefix}${of}`, each))))
  const lines = [
    ...list('entry', state.entry),
    ...list('exit', state.exit),
    ...list('initial', state.initialActions),
    ...handlers('on ', state.on),
    ...state.always.map((each) => transitionText('always', each)),
    ...handlers('after ', state.after),
    ...state.onDone.map((each) => transitionText('done', each)),
    ...state.output.map((each) => `output ${term(each)}`),
    ...state.states.flatMap(stateLines),
    ...state.histories.map(({ name, deep, targets }) => `${name} ${deep ? 'deep' : 'shallow'} history${targets.map((each) => ` -> ${each}`).join('')}`),
  ]
  const kind = state.type === 'normal' ? (state.states.some(({ name }) => name === state.initial) ? ` initial ${state.initial}` : '') : ` ${state.type}`
  return [`${state.name}${kind}`, ...lines.map((line) => `  ${line}`)]
}

/** A machine and its mail in a few lines. */
export function caseText({ root, turns }: MachineCase): string {
  const mail = turns.map((turn) => turn.map(({ type, payload }) => `${type}${JSON.stringify(payload)}`).join(' ') || '-')
  return [...stateLines(root), `mail: ${mail.join(' | ')}`].join('\n')
}
