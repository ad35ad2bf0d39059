import { isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { evaluateText, type TextInput } from "../evaluate-text.ts";
import { toText } from "./coerce.ts";

/** Cells that the formulas below refer to. */
const cells = new Map<string, TextInput>([
  ["A1:A6", [[1], ["2"], [true], [null], ["x"], [4]]],
  ["B1:B6", [["a"], ["b"], ["a"], ["c"], ["a"], ["b"]]],
  ["C1:C4", [[10], [20], [20], [40]]],
  ["D1", "5"],
  ["D2", true],
  ["D3", null],
  [
    "E1:F3",
    [
      ["k", 1],
      ["L", 2],
      ["m*", 3],
    ],
  ],
  ["G1:G3", [[{ kind: "error", code: "#N/A" }], [1], [{ kind: "error", code: "#REF!" }]]],
]);

/** What a formula gives, as text: arrays as `1,2;3,4`, errors as their codes. */
function shown(formula: string): string {
  const result = evaluateText(formula, cells);
  if (!("value" in result))
    return `diagnostics: ${result.diagnostics.map((each) => each.message).join("; ")}`;
  const value = result.value as Scalar;
  if (!isArrayValue(value)) return one(value);
  const { rows, columns } = value as unknown as { rows: number; columns: number };
  const all = (value as unknown as { cells: readonly Scalar[] }).cells;
  return Array.from({ length: rows }, (_, row) =>
    all
      .slice(row * columns, (row + 1) * columns)
      .map(one)
      .join(","),
  ).join(";");
}

function one(value: Scalar): string {
  return isErrorValue(value) ? value.code : (toText(value) as string);
}

describe("[FN13] what counts in a range, in an array and alone", () => {
  it.each([
    ["=SUM(A1:A6)", "5"],
    ["=SUM(D1,D2)", "0"],
    ['=SUM("5",TRUE,)', "6"],
    ['=SUM("x")', "#VALUE!"],
    ['=SUM({1,"2",TRUE})', "1"],
    ["=SUM(G1:G3)", "#N/A"],
    ["=AVERAGE(A1:A6)", "2.5"],
    ["=AVERAGE(D1)", "#DIV/0!"],
    ["=LET(x,SEQUENCE(1,1000,0.1,0.7),AVERAGE(x)=SUM(x)/1000)", "TRUE"],
    ["=AVERAGEA(A1:A6)", "1.2"],
    ["=MAX(D1,3)", "3"],
    ["=MIN(B1:B6)", "0"],
    ["=COUNT(A1:A6)", "2"],
    ['=COUNT("1","x",TRUE)', "2"],
    ["=COUNTA(A1:A6)", "5"],
    ["=COUNTBLANK(A1:A6)", "1"],
    ["=PRODUCT(B1:B6)", "0"],
    ["=AND(A1:A6)", "TRUE"],
    ["=AND(B1:B6)", "#VALUE!"],
    ["=SUMPRODUCT(C1:C4,{1;2;3;4})", "270"],
    ["=SUMPRODUCT(C1:C4,{1;2})", "#VALUE!"],
    ['=SUMPRODUCT((B1:B6="a")*1)', "3"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});

describe("[FN14] arithmetic at its edges", () => {
  it.each([
    ["=ROUND(2.5,0)", "3"],
    ["=ROUND(-2.5,0)", "-3"],
    ["=ROUND(1.005,2)", "1.01"],
    ["=ROUND(1234.5,-2)", "1200"],
    ["=ROUND(1E+300,2)", "1E+300"],
    ["=ROUNDUP(-1.1,0)", "-2"],
    ["=ROUNDDOWN(0.29*100,0)", "29"],
    ["=INT(-0.5)", "-1"],
    ["=MOD(-7,3)", "2"],
    ["=MOD(7,-3)", "-2"],
    ["=MOD(1,0)", "#DIV/0!"],
    ["=CEILING(-2.5,2)", "-2"],
    ["=CEILING(2.5,-2)", "#NUM!"],
    ["=FLOOR(2.5,0)", "#DIV/0!"],
    ["=MROUND(-10,3)", "#NUM!"],
    ["=EVEN(-1)", "-2"],
    ["=ODD(0)", "1"],
    ["=LOG(8,)", "#NUM!"],
    ["=LN(0)", "#NUM!"],
    ["=SQRT(-1)", "#NUM!"],
    ["=FACT(171)", "#NUM!"],
    ["=COMBIN(2,3)", "#NUM!"],
    ["=COMBIN(60,30)", "118264581564861000"],
    ["=LCM(0,4)", "0"],
    ["=GCD(-1,2)", "#NUM!"],
    ["=SIN(2^27)", "#NUM!"],
    ["=ATAN2(0,0)", "#DIV/0!"],
    ["=ABS({-1,2;-3,4})", "1,2;3,4"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});

describe("[FN15] statistics", () => {
  it.each([
    ['=COUNTIF(A1:A6,">=1")', "2"],
    ["=COUNTIF(A1:A6,2)", "1"],
    ['=SUMIF(B1:B6,"a",A1:A6)', "1"],
    ['=SUMIFS(C1:C4,C1:C4,">10",C1:C4,"<40")', "40"],
    ['=AVERAGEIF(B1:B6,"z",A1:A6)', "#DIV/0!"],
    ['=SUMIFS(C1:C4,B1:B6,"a")', "#VALUE!"],
    ['=COUNTIF(B1:B6,{"a","b"})', "3,2"],
    ['=MAXIFS(C1:C4,C1:C4,"<0")', "0"],
    ["=MEDIAN(C1:C4)", "20"],
    ["=MODE.SNGL(C1:C4)", "20"],
    ["=MODE(1,2,3)", "#N/A"],
    ["=STDEV.S(1E+30,1E+30,1E+30)", "0"],
    ["=VAR.S(1)", "#DIV/0!"],
    ["=LARGE(C1:C4,5)", "#NUM!"],
    ["=RANK(20,C1:C4)", "2"],
    ["=RANK.AVG(20,C1:C4,1)", "2.5"],
    ["=RANK(7,C1:C4)", "#N/A"],
    ["=PERCENTILE.INC(C1:C4,1.1)", "#NUM!"],
    ["=QUARTILE.EXC(C1:C4,1)", "12.5"],
    ["=CORREL({1,2},{1,2,3})", "#N/A"],
    ["=SLOPE({1,2},{3,3})", "#DIV/0!"],
    ["=ROUND(NORM.S.DIST(1.959963984540054,TRUE),12)", "0.975"],
    ["=ROUND(NORM.S.INV(0.975),12)", "1.95996398454"],
    ["=NORM.S.INV(0)", "#NUM!"],
    ["=ROUND(NORM.S.INV(1E-300)/-37.0471,4)", "1"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});

describe("[FN16] choices evaluate only what they need, questions answer errors", () => {
  it.each([
    ["=IF(TRUE,1,1/0)", "1"],
    ["=IF(FALSE,1)", "FALSE"],
    ["=IF(TRUE,,2)", "0"],
    ['=IF("x",1,2)', "#VALUE!"],
    ["=IF({TRUE,FALSE},1,{2,3})", "1,3"],
    ["=IFERROR({1,2}/{1,0},-1)", "1,-1"],
    ["=IFERROR(1/0,)", "0"],
    ["=IFNA(1/0,1)", "#DIV/0!"],
    ["=IFS(1>2,1)", "#N/A"],
    ['=SWITCH(3,1,"a","other")', "other"],
    ['=SWITCH(3,1,"a")', "#N/A"],
    ['=SWITCH("B","b",1)', "1"],
    ["=CHOOSE(3,1,2)", "#VALUE!"],
    ["=CHOOSE(1,5,1/0)", "5"],
    ["=XOR(TRUE,TRUE,TRUE)", "TRUE"],
    ["=ISBLANK(D3)", "TRUE"],
    ["=ISNUMBER(A1:A6)", "TRUE;FALSE;FALSE;FALSE;FALSE;TRUE"],
    ["=ISERR(NA())", "FALSE"],
    ["=ERROR.TYPE(5)", "#N/A"],
    ["=TYPE({1,2})", "64"],
    ["=N(NA())", "#N/A"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});

describe("[FN17] texts", () => {
  it.each([
    ['=LEFT("abc",)', ""],
    ['=LEFT("abc",-1)', "#VALUE!"],
    ['=RIGHT("abc",5)', "abc"],
    ['=MID("abc",9,1)', ""],
    ['=MID("abc",0,1)', "#VALUE!"],
    ['=FIND("B","abc")', "#VALUE!"],
    ['=SEARCH("~?","a?b")', "2"],
    ['=SUBSTITUTE("aaa","a","b",2)', "aba"],
    ['=SUBSTITUTE("a","a","$&")', "$&"],
    ['=REPT("ab",-1)', "#VALUE!"],
    ['=REPT("ab",20000)', "#VALUE!"],
    ['=PROPER("o\'neil-smith 2nd")', "O'Neil-Smith 2Nd"],
    ['=TEXTJOIN(",",FALSE,{"a","";"b","c"})', "a,,b,c"],
    ['=TEXTSPLIT("a,b;c",",",";")', "a,b;c,#N/A"],
    ['=TEXTSPLIT("a,,b",",",,TRUE)', "a,b"],
    ['=TEXTBEFORE("a-b","x")', "#N/A"],
    ['=TEXTAFTER("a-b-c","-",-1)', "c"],
    ['=TEXTBEFORE("a-b","x",,,1)', "a-b"],
    ['=VALUE("12 apples")', "#VALUE!"],
    ["=VALUE(TRUE)", "#VALUE!"],
    ['=NUMBERVALUE("2,5%",",",".")', "0.025"],
    ['=TEXT(46053,"yyyy-mm-dd")', "2026-01-31"],
    ['=TEXT(0.256,"0.0%")', "25.6%"],
    ['=TEXT("abc","0.0")', "abc"],
    ['=TEXT(-1234.5,"#,##0.00;(#,##0.00)")', "(1,234.50)"],
    ["=CHAR(0)", "#VALUE!"],
    ["=CHAR(128)", "€"],
    ['=CODE("")', "#VALUE!"],
    ["=FIXED(1234567.891,-3)", "1,235,000"],
    ["=UNICHAR(55296)", "#N/A"],
    ['=EXACT("a","A")', "FALSE"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});

describe("[FN18] dates and working days", () => {
  it.each([
    ["=DATE(2026,14,1)", "46419"],
    ["=DATE(26,1,1)", "9498"],
    ["=DATE(1900,2,29)", "60"],
    ["=DATE(10000,1,1)", "#NUM!"],
    ["=YEAR(-1)", "#NUM!"],
    ["=DAY(0)", "0"],
    ["=MONTH(60)", "2"],
    ["=EOMONTH(DATE(2024,1,31),1)", "45351"],
    ["=EDATE(DATE(2026,3,31),-1)", "46081"],
    ["=EDATE(TRUE,1)", "#VALUE!"],
    ["=WEEKDAY(DATE(2026,11,20))", "6"],
    ["=WEEKDAY(1,9)", "#NUM!"],
    ["=ISOWEEKNUM(DATE(2027,1,3))", "53"],
    ["=YEARFRAC(DATE(2024,1,31),DATE(2024,3,31))", "0.166666666666667"],
    ["=YEARFRAC(DATE(2024,1,1),DATE(2025,1,1),3)", "1.0027397260274"],
    ["=YEARFRAC(1,2,5)", "#NUM!"],
    ["=DAYS360(DATE(2026,1,31),DATE(2026,2,28))", "28"],
    ['=DATEDIF(DATE(2024,2,29),DATE(2026,2,28),"Y")', "1"],
    ['=DATEDIF(2,1,"D")', "#NUM!"],
    ["=NETWORKDAYS(DATE(2026,11,20),DATE(2026,11,16))", "-5"],
    ["=NETWORKDAYS(DATE(2026,11,16),DATE(2026,11,20),DATE(2026,11,18))", "4"],
    ["=WORKDAY(DATE(2026,11,20),-5)", "46339"],
    ["=WORKDAY(DATE(2026,11,20),260)", "46710"],
    ["=WORKDAY(DATE(2026,11,20),260,DATE(2027,1,1))", "46713"],
    ["=WORKDAY(DATE(2027,11,19),-260,{46388,46389})", "46345"],
    ["=WORKDAY(1,1E15)", "#NUM!"],
    ['=NETWORKDAYS.INTL(1,7,"1111111")', "0"],
    ['=WORKDAY.INTL(1,1,"1111111")', "#VALUE!"],
    ['=HOUR("13:45:10")', "13"],
    ["=TIME(25,0,0)", "0.0416666666666667"],
    ['=DATEVALUE("no date")', "#VALUE!"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});

describe("[FN19] look-ups", () => {
  it.each([
    ['=VLOOKUP("l",E1:F3,2,FALSE)', "2"],
    ['=VLOOKUP("m~*",E1:F3,2,FALSE)', "3"],
    ['=VLOOKUP("?",E1:F3,2,)', "1"],
    ['=VLOOKUP("k",E1:F3,3,FALSE)', "#REF!"],
    ['=VLOOKUP("k",E1:F3,0,FALSE)', "#VALUE!"],
    ["=VLOOKUP(25,C1:C4,1)", "20"],
    ["=VLOOKUP(5,C1:C4,1)", "#N/A"],
    ["=MATCH(20,C1:C4)", "3"],
    ["=MATCH(20,C1:C4,0)", "2"],
    ["=MATCH(30,{40,30,20},-1)", "2"],
    ['=MATCH("1",{1,2},0)', "#N/A"],
    ["=XMATCH(20,C1:C4,0,-1)", "3"],
    ["=XMATCH(15,C1:C4,1)", "2"],
    ["=XLOOKUP(99,C1:C4,C1:C4,-1)", "-1"],
    ["=XLOOKUP(99,C1:C4,C1:C4)", "#N/A"],
    ['=XLOOKUP("L",{"k";"l"},{1,2;3,4})', "3,4"],
    ["=XLOOKUP({10,40},C1:C4,{1;2;3;4})", "1,4"],
    ["=LOOKUP(15,C1:C4,{1;2;3;4})", "1"],
    ["=INDEX(E1:F3,0,2)", "1;2;3"],
    ["=SUM(INDEX(A1:A6,0))", "5"],
    ["=INDEX(E1:F3,4,1)", "#REF!"],
    ["=INDEX({1,2,3},2)", "2"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});

describe("[FN20] money", () => {
  it.each([
    ["=ROUND(PMT(0,10,1000),2)", "-100"],
    ["=ROUND(PV(5%,10,-100,,1),4)", "810.7822"],
    ["=ROUND(RATE(360,-1000,100000)*12,6)", "0.116271"],
    ["=ROUND(IPMT(5%,3,10,1000)+PPMT(5%,3,10,1000)-PMT(5%,10,1000),10)", "0"],
    ["=IPMT(5%,11,10,1000)", "#NUM!"],
    ["=IRR({1,2,3})", "#NUM!"],
    ["=ROUND(IRR({-100,230,-132}),6)", "0.1"],
    ["=ROUND(NPV(10%,{-100,60,60}),4)", "3.7566"],
    ["=NPER(0,0,100)", "#NUM!"],
    ["=XNPV(10%,{-100,110},{46388,46023})", "#NUM!"],
    ["=DB(1000,100,5,1)+DB(1000,100,5,2)", "601.839"],
    ["=ROUND(SUM(DDB(1000,100,5,{1,2,3,4,5})),6)", "900"],
    ["=VDB(1000,100,5,0,5)", "900"],
    ["=EFFECT(TRUE,4)", "#VALUE!"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});

describe("[FN21] arrays and functions of functions", () => {
  it.each([
    ["=SEQUENCE(2,2,0,5)", "0,5;10,15"],
    ["=SEQUENCE(0)", "#CALC!"],
    ["=SEQUENCE(1E9)", "#NUM!"],
    ["=SUM(SEQUENCE(1E5)*SEQUENCE(1,1E5))", "#NUM!"],
    ["=ROWS(ROUND(SEQUENCE(1E5),SEQUENCE(1,1E5)))", "#NUM!"],
    ["=ROWS(IF(SEQUENCE(1E5),SEQUENCE(1,1E5)))", "#NUM!"],
    ["=LET(x,SEQUENCE(3E6),ROWS(VSTACK(x,x,x,x)))", "#NUM!"],
    ["=SORT({3;1;2})", "1;2;3"],
    ['=SORT({3,"b";1,"c";3,"a"},{1,2},{-1,1})', "3,a;3,b;1,c"],
    ["=SORTBY({1;2;3},{3;1;2})", "2;3;1"],
    ['=UNIQUE({"a";"A";"b"})', "a;b"],
    ["=UNIQUE({1;2;1},FALSE,TRUE)", "2"],
    ["=FILTER({1,2;3,4},{FALSE;TRUE})", "3,4"],
    ["=FILTER({1;2},{FALSE;FALSE})", "#CALC!"],
    ['=FILTER({1;2},{FALSE;FALSE},"none")', "none"],
    ["=FILTER({1;2},{TRUE;TRUE;TRUE})", "#VALUE!"],
    ["=TAKE({1,2,3;4,5,6},1,-2)", "2,3"],
    ["=DROP({1;2;3},-1)", "1;2"],
    ["=DROP({1;2},2)", "#CALC!"],
    ["=VSTACK({1,2},3)", "1,2;3,#N/A"],
    ["=HSTACK({1;2},3)", "1,3;2,#N/A"],
    ["=TOCOL({1,2;3,4},,TRUE)", "1;3;2;4"],
    ["=WRAPROWS({1,2,3},2,0)", "1,2;3,0"],
    ["=EXPAND({1},2,2,0)", "1,0;0,0"],
    ["=CHOOSECOLS({1,2,3},3,1)", "3,1"],
    ["=MMULT({1,2;3,4},{5,6;7,8})", "19,22;43,50"],
    ["=MMULT({1,2},{3,4})", "#VALUE!"],
    ["=MDETERM({1,2;2,4})", "0"],
    ["=MINVERSE({1,2;2,4})", "#NUM!"],
    ["=MAP({1,2},{3,4},LAMBDA(a,b,a*b))", "3,8"],
    ["=SCAN(0,{1,2,3},LAMBDA(a,x,a+x))", "1,3,6"],
    ["=REDUCE(,{1,2,3},LAMBDA(a,x,a*10+x))", "123"],
    ["=BYROW({1,2;3,4},LAMBDA(r,SUM(r)))", "3;7"],
    ["=BYROW({1,2;3,4},LAMBDA(r,r))", "#CALC!;#CALC!"],
    ["=MAKEARRAY(2,2,LAMBDA(r,c,r*10+c))", "11,12;21,22"],
  ])("%s is %s", (formula, result) => {
    expect(shown(formula)).toBe(result);
  });
});
