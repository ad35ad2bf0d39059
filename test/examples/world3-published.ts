/**
 * Figures of others for World3 of 2003: the first and the second scenario of the book, by the year.
 *
 * They come from the repository LaurentiuStaicu/world3-empirical-flatpak (commit 724d2f9, `data/scenarios/*.csv`,
 * columns `original_bau` and `original_bau2`): the authors' own Vensim file World3_03_Scenarios.mdl, run by PySD,
 * printed with eight digits. There population is in billions, welfare as it is; industry and food per head are 100 in
 * 2015, the stock of pollution is 100 in 1990, resources were 100 in 1900 in the first scenario.
 *
 * That run has a peculiarity. The smoothings of the food ratio and of the use of labour begin at a whole number, and
 * stand still for the first half year. Without it the figures differ by up to 0.3 %, population by up to 0.1 %.
 */

export type Run = "reference" | "abundance";

interface PublishedSeries {
  /** The short name of the variable. */
  readonly name: string;
  /** What one of the unit is called, or the year in which the series is 100. */
  readonly unit: number | { readonly hundredIn: number };
  readonly values: Readonly<Record<Run, Readonly<Record<number, number>>>>;
}

const population: PublishedSeries = {
  name: "pop",
  unit: 1e9,
  values: {
    reference: {
      ...{
        1950: 2.6690889,
        1960: 3.1562961,
        1970: 3.7438403,
        1980: 4.4274845,
        1990: 5.200146,
        2000: 6.0083313,
      },
      ...{ 2010: 6.7617677, 2020: 7.3245372, 2026: 7.4646188, 2027: 7.4659135, 2028: 7.4611308 },
      ...{ 2030: 7.4354331, 2040: 7.0705229, 2050: 6.4500289, 2060: 5.7066652, 2070: 4.936138 },
      ...{ 2080: 4.2987786, 2090: 3.8258367, 2100: 3.4623001 },
    },
    abundance: {
      ...{ 1950: 2.6690889, 2000: 6.0083313, 2010: 6.7628035, 2020: 7.4128553, 2030: 7.8970733 },
      ...{ 2038: 8.0876015, 2039: 8.0908391, 2040: 8.0878676, 2050: 7.6325059, 2060: 5.955178 },
      ...{ 2070: 4.6280739, 2080: 3.7707235, 2090: 3.1474318, 2100: 2.6853316 },
    },
  },
};

const welfare: PublishedSeries = {
  name: "hwi",
  unit: 1,
  values: {
    reference: {
      ...{ 1950: 0.39772572, 1970: 0.5069211, 1990: 0.64684792, 2000: 0.72321204, 2010: 0.78265072 },
      ...{ 2011: 0.78361014, 2020: 0.76894739, 2030: 0.58338988, 2040: 0.448675, 2050: 0.36239075 },
      ...{ 2070: 0.23543083, 2090: 0.1782054, 2099: 0.16383184 },
    },
    abundance: {
      ...{ 2000: 0.72321204, 2010: 0.78407021, 2020: 0.79727299, 2030: 0.79947765, 2040: 0.74451445 },
      ...{ 2050: 0.61985111, 2060: 0.53250828, 2070: 0.54885841, 2080: 0.56137385, 2090: 0.5437519 },
      2099: 0.43805891,
    },
  },
};

const industry: PublishedSeries = {
  name: "iopc",
  unit: { hundredIn: 2015 },
  values: {
    reference: {
      ...{
        1950: 39.013643,
        1970: 55.466937,
        1990: 75.464932,
        2000: 87.005877,
        2010: 98.28888,
        2020: 95.65174,
      },
      ...{
        2030: 58.617494,
        2040: 39.961406,
        2050: 26.916204,
        2070: 13.033713,
        2090: 6.3541406,
        2099: 4.4703387,
      },
    },
    abundance: {
      ...{
        1950: 36.996732,
        1970: 52.59943,
        1990: 71.563577,
        2000: 82.507883,
        2010: 94.146812,
        2020: 105.90624,
      },
      ...{
        2030: 117.96061,
        2040: 127.92984,
        2050: 127.50648,
        2060: 133.4105,
        2070: 139.92995,
        2080: 142.30689,
      },
      ...{ 2090: 88.862243, 2099: 54.65922 },
    },
  },
};

const food: PublishedSeries = {
  name: "fpc",
  unit: { hundredIn: 2015 },
  values: {
    reference: {
      ...{
        1950: 85.276255,
        1970: 96.716692,
        1990: 105.76677,
        2000: 105.99433,
        2010: 103.44021,
        2020: 95.212713,
      },
      ...{
        2030: 78.508067,
        2040: 61.500713,
        2050: 53.250045,
        2070: 46.356217,
        2090: 45.791463,
        2099: 46.632197,
      },
    },
    abundance: {
      ...{
        1950: 84.635657,
        1970: 95.990153,
        1990: 104.97225,
        2000: 105.1981,
        2010: 102.71088,
        2020: 97.083745,
      },
      ...{
        2030: 91.111367,
        2040: 70.047182,
        2050: 40.597554,
        2060: 27.276339,
        2070: 33.354216,
        2080: 41.052703,
      },
      ...{ 2090: 46.187907, 2099: 44.551526 },
    },
  },
};

const pollution: PublishedSeries = {
  name: "ppol",
  unit: { hundredIn: 1990 },
  values: {
    reference: {
      ...{
        1950: 23.296043,
        1970: 46.82358,
        2000: 150.62144,
        2010: 226.27733,
        2020: 340.22464,
        2030: 475.61926,
      },
      ...{ 2037: 518.36636, 2050: 398.25843, 2070: 162.75982, 2090: 59.205515, 2100: 35.612675 },
    },
    abundance: {
      ...{ 2010: 226.27733, 2020: 342.21789, 2030: 516.14808, 2040: 770.41027, 2050: 1186.8206 },
      ...{
        2060: 1835.6136,
        2070: 2596.8246,
        2080: 3092.9547,
        2084: 3142.076,
        2090: 3033.6948,
        2100: 2343.1858,
      },
    },
  },
};

const resources: PublishedSeries = {
  name: "nr",
  unit: 1e10,
  values: {
    reference: {
      ...{
        1950: 96.199968,
        1970: 91.545615,
        1990: 80.891135,
        2000: 71.370366,
        2010: 58.081534,
        2020: 42.04705,
      },
      ...{ 2030: 30.014479, 2050: 20.786704, 2070: 17.308852, 2090: 16.010905, 2100: 15.706471 },
    },
    abundance: {
      ...{
        1950: 196.19997,
        2000: 171.37037,
        2010: 158.07275,
        2020: 140.51248,
        2040: 96.237916,
        2050: 72.470526,
      },
      ...{ 2060: 51.782199, 2070: 35.324157, 2080: 21.965477, 2090: 12.101929, 2100: 7.8282659 },
    },
  },
};

export const published: readonly PublishedSeries[] = [
  population,
  welfare,
  industry,
  food,
  pollution,
  resources,
];

/** How far a series of yearly values from 1900 on is from the published one, at most, as a part of it. */
export function distance({ unit, values }: PublishedSeries, run: Run, series: readonly number[]): number {
  const at = (year: number): number => series[year - 1900] ?? Number.NaN;
  const one = typeof unit === "number" ? unit : at(unit.hundredIn) / 100;
  const parts = Object.entries(values[run]).map(([year, value]) =>
    Math.abs(at(Number(year)) / one / value - 1),
  );
  return Math.max(...parts);
}
