from textbooks.filters import TopicBalancer

web = [f"def page_{i}(request):\n    return render(request, 'page{i}.html')\n" for i in range(60)]
sorting = [f"def sort_{i}(numbers):\n    swap(numbers, pivot, {i})\n    return numbers\n" for i in range(12)]
games = [f"class Enemy{i}(Monster):\n    lives, points, weapon = {i}, 10, Sword()\n" for i in range(9)]

balancer = TopicBalancer(max_ratio=2, topics=3)
result = balancer.fit_apply(web + sorting + games)
print(result)
print(balancer.report_)
