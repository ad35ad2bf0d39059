/**
 * World3 of 2003 once more, as a plain program: what the example's model must give, computed another way.
 *
 * The names are the short ones under which the equations are published (`le` is life expectancy, `iopc` industrial
 * output per capita); the labels of the model begin with them. A step of Euler's method: the auxiliaries of all
 * sectors from the levels, in an order in which each stands after what it reads; then each level moves by `dt` times
 * its net flow. A third-order smoothing or delay is three levels.
 */
import { look, tables } from "./world3-tables.ts";

/** What the scenarios change. The year 4000 is never reached. */
export interface Settings {
  /** The step in years. */
  readonly dt: number;
  /** Resources in the ground in 1900. */
  readonly nri: number;
  /** From when extraction takes less capital. */
  readonly fcaortm: number;
  /** From when what is called late here counts: other lifetimes, and the three technologies. */
  readonly pyear: number;
  readonly pollutionTechnologyTime: number;
  readonly yieldTechnologyTime: number;
  readonly resourceTechnologyTime: number;
  readonly llmytm: number;
  readonly fcest: number;
  readonly zpgt: number;
  readonly iet: number;
  readonly iopcd: number;
  readonly alai2: number;
  readonly alic2: number;
  readonly alsc2: number;
  /** Whether the two smoothings that begin at 1 stand still for the first step, as in the run that is quoted. */
  readonly isFirstStepRounded: boolean;
}

const never = 4000;

/** The first scenario of the book. */
export const reference: Settings = {
  dt: 0.5,
  nri: 1e12,
  fcaortm: never,
  pyear: never,
  pollutionTechnologyTime: never,
  yieldTechnologyTime: never,
  resourceTechnologyTime: never,
  llmytm: never,
  fcest: never,
  zpgt: never,
  iet: never,
  iopcd: 400,
  alai2: 2,
  alic2: 14,
  alsc2: 20,
  isFirstStepRounded: false,
};

/** The second: twice the resources, and easier to extract. */
export const abundance: Settings = { ...reference, nri: 2e12, fcaortm: 2002 };

/** The ninth: two children, enough industry, and all technologies. */
export const sustainable: Settings = {
  ...abundance,
  pyear: 2002,
  pollutionTechnologyTime: 2002,
  yieldTechnologyTime: 2002,
  resourceTechnologyTime: 2002,
  llmytm: 2002,
  fcest: 2002,
  zpgt: 2002,
  iet: 2002,
  iopcd: 350,
  alai2: 2.5,
  alic2: 18,
  alsc2: 25,
};

type Triple = readonly [number, number, number];

interface Levels {
  readonly [level: string]: number;
}

interface World {
  readonly t: number;
  readonly levels: Levels;
  readonly ple: Triple;
  readonly diopc: Triple;
  readonly fcfpc: Triple;
  readonly lyf: Triple;
  readonly ppgf: Triple;
  readonly nruf: Triple;
  readonly ppapr: Triple;
}

/** Reads levels and auxiliaries by name; a wrong name fails at once. */
function reader(of: Levels): (name: string) => number {
  return (name) => {
    const value = of[name];
    if (value === undefined) throw new Error(`no ${name}`);
    return value;
  };
}

function production({ t, levels, lyf, ppgf, nruf }: World, c: Settings) {
  const level = reader(levels);
  const isLate = t >= c.pyear;
  const pop = level("p1") + level("p2") + level("p3") + level("p4");
  const nrfr = level("nr") / c.nri;
  const fcaor = look(t >= c.fcaortm ? tables.fcaor2 : tables.fcaor1, nrfr);
  const technology = { lyf: isLate ? lyf[2] : 1, ppgf: isLate ? ppgf[2] : 1, nruf: isLate ? nruf[2] : 1 };
  const icor2t = look(tables.icor2, technology.nruf);
  const coym = look(tables.coym, technology.lyf);
  const copm = look(tables.copm, technology.ppgf);
  const icor2 = icor2t * coym * copm;
  const icor = isLate ? icor2 : 3;
  const cuf = look(tables.cuf, level("lufd"));
  const io = (level("ic") * (1 - fcaor) * cuf) / icor;
  const iopc = io / pop;
  const so = level("sc") * cuf;
  const sopc = so / pop;
  const ppolx = level("ppol") / 1.36e8;
  return { pop, nrfr, fcaor, ...technology, icor2t, coym, copm, icor2, icor, cuf, io, iopc, so, sopc, ppolx };
}

type Production = ReturnType<typeof production>;

function food({ t, levels }: World, c: Settings, { io, iopc, pop, lyf }: Production) {
  const level = reader(levels);
  const isLate = t >= c.pyear;
  const [al, lfert] = [level("al"), level("lfert")];
  const falm = look(tables.falm, level("pfr"));
  const aiph = (level("ai") * (1 - falm)) / al;
  const lymc = look(tables.lymc, aiph);
  const lymap = look(tables.lymap1, io / 7.9e11);
  const ly = lyf * lfert * lymc * lymap;
  const f = ly * al * 0.7 * (1 - 0.1);
  const fpc = f / pop;
  const fr = fpc / 230;
  const ifpc = look(tables.ifpc, iopc);
  const fioaa = look(tables.fioaa, fpc / ifpc);
  const tai = io * fioaa;
  const dcph = look(tables.dcph, level("pal") / 3.2e9);
  const mpld = ly / (dcph * 0.07);
  const mlymc = look(tables.mlymc, aiph);
  const alai = isLate ? c.alai2 : 2;
  const mpai = (alai * ly * mlymc) / lymc;
  const fiald = look(tables.fiald, mpld / mpai);
  const ldr = (tai * fiald) / dcph;
  const cai = tai * (1 - fiald);
  return {
    ...{ lfc: al / 3.2e9, falm, alai, aiph, lymc, lymap, ly, f, fpc, fr, ifpc, fioaa, tai },
    ...{ dcph, mpld, mlymc, mpai, fiald, ldr, cai },
  };
}

type Food = ReturnType<typeof food>;

function land({ t, levels }: World, c: Settings, { iopc, pop, ppolx }: Production, { ly, falm }: Food) {
  const level = reader(levels);
  const llmy1 = look(tables.llmy1, ly / 600);
  const llmy2 = look(tables.llmy2, ly / 600);
  const old = 0.95 ** (t - c.llmytm);
  const llmy = t >= c.llmytm ? old * llmy1 + (1 - old) * llmy2 : llmy1;
  const all = 1000 * llmy;
  const ler = level("al") / all;
  const uilpc = look(tables.uilpc, iopc);
  const uilr = uilpc * pop;
  const lrui = Math.max(0, uilr - level("uil")) / 10;
  const lfdr = look(tables.lfdr, ppolx);
  const lfd = level("lfert") * lfdr;
  const lfrt = look(tables.lfrt, falm);
  const lfr = (600 - level("lfert")) / lfrt;
  return { llmy1, llmy2, llmy, all, ler, uilpc, uilr, lrui, lfdr, lfd, lfrt, lfr };
}

function capital({ t, levels }: World, c: Settings, { io, iopc, sopc }: Production, { fioaa, aiph }: Food) {
  const level = reader(levels);
  const isLate = t >= c.pyear;
  const isopc = look(tables.isopc, iopc);
  const fioas = look(tables.fioas, sopc / isopc);
  const fioacv = look(tables.fioacv, iopc / c.iopcd);
  const fioac = t >= c.iet ? fioacv : 0.43;
  const fioai = 1 - fioaa - fioas - fioac;
  const alic = isLate ? c.alic2 : 14;
  const alsc = isLate ? c.alsc2 : 20;
  const jpicu = look(tables.jpicu, iopc) * 0.001;
  const jpscu = look(tables.jpscu, sopc) * 0.001;
  const jph = look(tables.jph, aiph);
  const [pjis, pjss, pjas] = [level("ic") * jpicu, level("sc") * jpscu, jph * level("al")];
  const j = pjis + pjas + pjss;
  const lf = (level("p2") + level("p3")) * 0.75;
  return {
    ...{ isopc, fioas, fioacv, fioac, fioai, alic, alsc, icir: io * fioai, icdr: level("ic") / alic },
    ...{
      scir: io * fioas,
      scdr: level("sc") / alsc,
      jpicu,
      jpscu,
      jph,
      pjis,
      pjss,
      pjas,
      j,
      lf,
      luf: j / lf,
    },
  };
}

function health({ t, levels }: World, { pop, iopc, sopc, ppolx }: Production, { fpc }: Food) {
  const level = reader(levels);
  const hsapc = look(tables.hsapc, sopc);
  const lmf = look(tables.lmf, fpc / 230);
  const lmhs1 = look(tables.lmhs1, level("ehspc"));
  const lmhs2 = look(tables.lmhs2, level("ehspc"));
  const lmhs = t > 1940 ? lmhs2 : lmhs1;
  const lmp = look(tables.lmp, ppolx);
  const fpu = look(tables.fpu, pop);
  const cmi = look(tables.cmi, iopc);
  const lmc = 1 - cmi * fpu;
  const le = 28 * lmf * lmhs * lmp * lmc;
  return { hsapc, lmf, lmhs1, lmhs2, lmhs, lmp, fpu, cmi, lmc, le };
}

function people({ levels }: World, le: number) {
  const level = reader(levels);
  const [m1, m2] = [look(tables.m1, le), look(tables.m2, le)];
  const [m3, m4] = [look(tables.m3, le), look(tables.m4, le)];
  const [d1, d2] = [level("p1") * m1, level("p2") * m2];
  const [d3, d4] = [level("p3") * m3, level("p4") * m4];
  const mat1 = (level("p1") * (1 - m1)) / 15;
  const mat2 = (level("p2") * (1 - m2)) / 30;
  const mat3 = (level("p3") * (1 - m3)) / 20;
  return { m1, m2, m3, m4, d1, d2, d3, d4, d: d1 + d2 + d3 + d4, mat1, mat2, mat3 };
}

function fertility(world: World, c: Settings, { iopc, sopc }: Production, le: number) {
  const level = reader(world.levels);
  const [ple, diopc, fcfpc] = [world.ple[2], world.diopc[2], world.fcfpc[2]];
  const aiopc = level("aiopc");
  const fie = (iopc - aiopc) / aiopc;
  const sfsn = look(tables.sfsn, diopc);
  const frsn = look(tables.frsn, fie);
  const dcfs = world.t >= c.zpgt ? 2 : 3.8 * frsn * sfsn;
  const cmple = look(tables.cmple, ple);
  const dtf = dcfs * cmple;
  const fm = look(tables.fm, le);
  const mtf = 12 * fm;
  const nfc = mtf / dtf - 1;
  const fsafc = look(tables.fsafc, nfc);
  const fcapc = fsafc * sopc;
  const fce = world.t >= c.fcest ? 1 : look(tables.fce, fcfpc);
  const tf = Math.min(mtf, mtf * (1 - fce) + dtf * fce);
  const b = (tf * level("p2") * 0.5) / 30;
  return { ple, diopc, fcfpc, fie, sfsn, frsn, dcfs, cmple, dtf, fm, mtf, nfc, fsafc, fcapc, fce, tf, b };
}

function waste({ levels, ppapr }: World, { iopc, pop, ppolx, nruf, ppgf }: Production, { aiph }: Food) {
  const level = reader(levels);
  const pcrum = look(tables.pcrum, iopc);
  const nrur = pop * pcrum * nruf;
  const ppgio = pcrum * pop * 0.02 * 0.1 * 10;
  const ppgao = aiph * level("al") * 0.001;
  const ppgr = (ppgio + ppgao) * ppgf;
  const ahlm = look(tables.ahlm, ppolx);
  const ahl = 1.5 * ahlm;
  const ppasr = level("ppol") / (ahl * 1.4);
  return { pcrum, nrur, ppgio, ppgao, ppgr, ppapr: ppapr[2] / (20 / 3), ahlm, ahl, ppasr };
}

type Waste = ReturnType<typeof waste>;

/** The greatest yearly growth of a technology. */
const fastest = 0.04;

function technology({ t, levels }: World, c: Settings, { ppolx }: Production, { fr }: Food, { nrur }: Waste) {
  const level = reader(levels);
  const isLate = t >= c.pyear;
  const bound = (x: number) => Math.min(0, Math.max(-1, x));
  const lycm = -bound(fr - 2) * (t >= c.yieldTechnologyTime ? fastest : 0);
  const polgfm = bound(1 - ppolx / 1.2) * (t >= c.pollutionTechnologyTime ? fastest : 0);
  const nrcm = bound(1 - nrur / 4.8e9) * (t >= c.resourceTechnologyTime ? fastest : 0);
  return {
    ...{ lycm, polgfm, nrcm, lytdr: isLate ? level("lytd") * lycm : 0 },
    ...{ ptdr: isLate ? level("ptd") * polgfm : 0, nrate: isLate ? level("nrtd") * nrcm : 0 },
  };
}

function indicators(
  { levels }: World,
  { io, iopc, so, pop }: Production,
  { f }: Food,
  { ppgr, ppgio, nrur }: Waste,
  { le, fioac, ppgf }: { le: number; fioac: number; ppgf: number },
) {
  const level = reader(levels);
  const gdppc = look(tables.gdppc, iopc);
  const gdpi = Math.log(gdppc / 24) / Math.log(9508 / 24);
  const ei = look(tables.ei, gdppc);
  const lei = look(tables.lei, le);
  const output = 0.22 * f + so + io;
  return {
    ...{ gdppc, gdpi, ei, lei, hwi: (lei + ei + gdpi) / 3 },
    hef: (level("al") / 1e9 + level("uil") / 1e9 + (ppgr * 4) / 1e9) / 1.91,
    ...{
      cio: io * fioac,
      ciopc: (io * fioac) / pop,
      fao: (0.22 * f) / output,
      foi: io / output,
      fos: so / output,
    },
    ...{ plinid: (ppgio * ppgf) / io, resint: nrur / io },
  };
}

function auxiliaries(world: World, c: Settings) {
  const made = production(world, c);
  const eaten = food(world, c, made);
  const used = land(world, c, made, eaten);
  const invested = capital(world, c, made, eaten);
  const cared = health(world, made, eaten);
  const aged = people(world, cared.le);
  const born = fertility(world, c, made, cared.le);
  const wasted = waste(world, made, eaten);
  const learned = technology(world, c, made, eaten, wasted);
  const shown = { le: cared.le, fioac: invested.fioac, ppgf: made.ppgf };
  const told = indicators(world, made, eaten, wasted, shown);
  const rates = { cbr: (1000 * born.b) / made.pop, cdr: (1000 * aged.d) / made.pop };
  const all = { ...made, ...eaten, ...used, ...invested, ...cared, ...aged, ...born, ...wasted, ...learned };
  return { ...all, ...told, ...rates };
}

type Auxiliaries = ReturnType<typeof auxiliaries>;

/** The net flow of each level in a year. */
function flows({ t, levels }: World, a: Auxiliaries, c: Settings): Levels {
  const level = reader(levels);
  const moves = c.isFirstStepRounded && t === 1900 ? 0 : 1;
  return {
    p1: a.b - a.d1 - a.mat1,
    p2: a.mat1 - a.d2 - a.mat2,
    p3: a.mat2 - a.d3 - a.mat3,
    p4: a.mat3 - a.d4,
    ic: a.icir - a.icdr,
    sc: a.scir - a.scdr,
    lufd: (moves * (a.luf - level("lufd"))) / 2,
    al: a.ldr - a.ler - a.lrui,
    pal: -a.ldr,
    uil: a.lrui,
    lfert: a.lfr - a.lfd,
    ai: (a.cai - level("ai")) / a.alai,
    pfr: (moves * (a.fr - level("pfr"))) / 2,
    aiopc: (a.iopc - level("aiopc")) / 3,
    ehspc: (a.hsapc - level("ehspc")) / 20,
    nr: -a.nrur,
    ppol: a.ppapr - a.ppasr,
    lytd: a.lytdr,
    ptd: a.ptdr,
    nrtd: a.nrate,
  };
}

const start: Levels = {
  ...{ p1: 6.5e8, p2: 7e8, p3: 1.9e8, p4: 6e7, ic: 2.1e11, sc: 1.44e11, lufd: 1, al: 9e8, pal: 2.3e9 },
  ...{ uil: 8.2e6, lfert: 600, ai: 5e9, pfr: 1, ppol: 2.5e7, lytd: 1, ptd: 1, nrtd: 1 },
};

const thrice = (x: number): Triple => [x, x, x];

/** Three levels in a row, each a third of the time behind the one before. */
function smoothed([x, y, z]: Triple, input: number, time: number, dt: number): Triple {
  const part = (3 * dt) / time;
  return [x + (input - x) * part, y + (x - y) * part, z + (y - z) * part];
}

/** The same with what is under way kept: each level passes on its third. */
function delayed([x, y, z]: Triple, input: number, time: number, dt: number): Triple {
  const part = 3 / time;
  return [x + dt * (input - x * part), y + dt * (x - y) * part, z + dt * (y - z) * part];
}

/** The levels of 1900; smoothings begin at what they smooth. */
function begin(c: Settings): World {
  const triples = { lyf: thrice(1), ppgf: thrice(1), nruf: thrice(1) };
  const rest = { ple: thrice(1), diopc: thrice(1), fcfpc: thrice(1), ppapr: thrice(1) };
  const levels = { ...start, nr: c.nri, aiopc: 1, ehspc: 1 };
  const first: World = { t: 1900, levels, ...triples, ...rest };
  const { iopc, hsapc } = auxiliaries(first, c);
  const second = { ...first, levels: { ...levels, aiopc: iopc, ehspc: hsapc }, diopc: thrice(iopc) };
  const third = { ...second, ple: thrice(auxiliaries(second, c).le) };
  const { fcapc, ppgr } = auxiliaries(third, c);
  return { ...third, fcfpc: thrice(fcapc), ppapr: thrice((ppgr * 20) / 3) };
}

function step(world: World, a: Auxiliaries, c: Settings, t: number): World {
  const flow = reader(flows(world, a, c));
  const levels = Object.fromEntries(
    Object.entries(world.levels).map(([name, value]) => [name, value + c.dt * flow(name)]),
  );
  const level = reader(world.levels);
  return {
    t,
    levels,
    ple: smoothed(world.ple, a.le, 20, c.dt),
    diopc: smoothed(world.diopc, a.iopc, 20, c.dt),
    fcfpc: smoothed(world.fcfpc, a.fcapc, 20, c.dt),
    lyf: smoothed(world.lyf, level("lytd"), 20, c.dt),
    ppgf: smoothed(world.ppgf, level("ptd"), 20, c.dt),
    nruf: smoothed(world.nruf, level("nrtd"), 20, c.dt),
    ppapr: delayed(world.ppapr, a.ppgr, 20, c.dt),
  };
}

/** All levels and auxiliaries by their short names, at the beginning of each of the years 1900 to 2100. */
export function simulate(c: Settings): ReadonlyMap<string, readonly number[]> {
  const series = new Map<string, number[]>();
  const stepsPerYear = Math.round(1 / c.dt);
  let world = begin(c);
  for (let at = 0; at <= 200 * stepsPerYear; at++) {
    const a = auxiliaries(world, c);
    if (at % stepsPerYear === 0) {
      for (const [name, value] of Object.entries({ ...world.levels, ...a })) {
        series.set(name, [...(series.get(name) ?? []), value]);
      }
    }
    world = step(world, a, c, 1900 + (at + 1) * c.dt);
  }
  return series;
}
