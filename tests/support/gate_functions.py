"""Python functions that the corpus of broken SQL calls."""

from typing import Any

from pyflink.table import AggregateFunction, DataTypes
from pyflink.table.udf import udaf, udf


@udf(result_type=DataTypes.STRING())
def shout(said: str) -> str:
    return said.upper()


@udaf(result_type=DataTypes.DOUBLE(), func_type="pandas")
def pandas_mean(values: Any) -> float:
    return float(values.mean())


class PythonSum(AggregateFunction):
    def create_accumulator(self) -> list[int]:
        return [0]

    def accumulate(self, accumulator: list[int], value: int) -> None:
        accumulator[0] += value

    def get_value(self, accumulator: list[int]) -> int:
        return accumulator[0]


python_sum = udaf(
    PythonSum(),
    result_type=DataTypes.BIGINT(),
    accumulator_type=DataTypes.ARRAY(DataTypes.BIGINT()),
)

FUNCTIONS = {"SHOUT": shout, "PANDAS_MEAN": pandas_mean, "PYTHON_SUM": python_sum}
